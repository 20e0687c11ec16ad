"""Installation by OAuth: the consent screen, codes, rotating tokens, and leaving again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from tests.slack.hub import Hub
from tests.slack.state import Json, Team, Token
from tests.slack.web_api.calling import ApiError


@dataclass
class Consent:
    """What the person at the consent screen picks next; the team may also come as `team` in the URL."""

    team: str
    user: str
    whole_organisation: bool = False
    denied: bool = False


@dataclass
class Grant:
    consent: Consent
    scopes: frozenset[str]
    redirect_uri: str
    made_at: float
    used: bool = False


@dataclass
class OAuth:
    hub: Hub
    consent: Consent | None = None
    grants: dict[str, Grant] = field(default_factory=dict)

    def authorize(self, query: Mapping[str, str]) -> tuple[int, str]:
        """(302, where to) once the person has agreed or not; (400, why) for a link that Slack refuses."""
        app, consent = self.hub.app, self.consent
        if query.get("client_id") != app.client_id:
            return 400, "invalid_client_id"
        redirect = query.get("redirect_uri") or next(iter(app.redirect_urls or ()), "")
        if not redirect or (app.redirect_urls is not None and not any(map(redirect.startswith, app.redirect_urls))):
            return 400, "bad_redirect_uri"
        scopes = frozenset(scope for scope in query.get("scope", "").split(",") if scope)
        if not scopes or not scopes <= app.scopes | {"chat:write.public"}:
            return 400, "invalid_scope"
        if consent is None:
            return 400, "nobody is at the consent screen: set oauth.consent"
        answer = {"state": query.get("state", "")}
        if consent.denied:
            answer["error"] = "access_denied"
        else:
            code = self.hub.state.new_id("code.")
            self.grants[code] = Grant(consent, scopes, query.get("redirect_uri", ""), self.hub.clock.now())
            answer["code"] = code
        return 302, f"{redirect}{'&' if urlsplit(redirect).query else '?'}{urlencode(answer)}"

    def access(self, args: Json, basic: tuple[str, str] | None) -> Json:
        """oauth.v2.access: a code or a refresh token, for a token."""
        client_id, secret = basic or (str(args.get("client_id", "")), str(args.get("client_secret", "")))
        if client_id != self.hub.app.client_id:
            raise ApiError("invalid_client_id")
        if secret != self.hub.app.client_secret:
            raise ApiError("bad_client_secret")
        match args.get("grant_type", "authorization_code"):
            case "authorization_code":
                return self._exchange(args)
            case "refresh_token":
                return self._refresh(str(args.get("refresh_token", "")))
            case _:
                raise ApiError("invalid_grant_type")

    def _exchange(self, args: Json) -> Json:
        grant = self.grants.get(str(args.get("code", "")))
        if grant is None or grant.made_at + self.hub.timings.code < self.hub.clock.now():
            raise ApiError("invalid_code")
        if grant.used:
            raise ApiError("code_already_used")
        if str(args.get("redirect_uri") or "") != grant.redirect_uri:
            raise ApiError("bad_redirect_uri")
        grant.used = True
        consent = grant.consent
        team = self.hub.state.teams[consent.team]
        if consent.whole_organisation and (team.enterprise is None or not self.hub.app.org_deploy):
            raise ApiError("cannot_install_an_org_installed_app")
        token = self._issue(team, grant.scopes, org=consent.whole_organisation)
        return self._answer(token, team, consent.user)

    def _issue(self, team: Team, scopes: frozenset[str], *, org: bool) -> Token:
        hub = self.hub
        teams = [one for one in hub.state.teams.values() if one.enterprise == team.enterprise] if org else [team]
        bot = hub.bot_in(*sorted(teams, key=lambda one: one is not team))
        rotating = hub.app.token_rotation
        token = Token(
            hub.state.new_id("xoxe.xoxb-1-" if rotating else f"xoxb-{team.id}-"),
            "bot",
            None if org else team.id,
            bot.id,
            scopes,
            enterprise=team.enterprise,
            expires_at=hub.clock.now() + hub.timings.token if rotating else None,
            refresh=hub.state.new_id("xoxe-1-") if rotating else None,
        )
        hub.grant(token, teams)
        return token

    def _refresh(self, refresh: str) -> Json:
        old = next((token for token in self.hub.state.tokens.values() if refresh and token.refresh == refresh), None)
        if old is None or old.uninstalled or old.revoked:
            raise ApiError("invalid_refresh_token")
        old.refresh = None
        team = next(team for team in self.hub.state.teams.values() if team.bot and team.bot.id == old.user)
        return self._answer(self._issue(team, old.scopes, org=old.team is None), team, None)

    def _answer(self, token: Token, team: Team, user: str | None) -> Json:
        org = token.team is None
        enterprise = {"id": team.enterprise, "name": "Organisation"} if team.enterprise else None
        answer: Json = {
            "app_id": self.hub.app.id,
            "scope": ",".join(sorted(token.scopes)),
            "token_type": "bot",
            "access_token": token.value,
            "bot_user_id": token.user,
            "team": None if org else {"id": team.id, "name": team.name},
            "enterprise": enterprise,
            "is_enterprise_install": org,
        }
        if token.expires_at is not None:
            answer |= {"expires_in": int(self.hub.timings.token), "refresh_token": token.refresh}
        return answer | ({"authed_user": {"id": user}} if user else {})


def uninstall(hub: Hub, team: Team) -> None:
    """Takes the app out of a workspace: its tokens are dead, and both events say so."""
    bot = hub.state.bot_user(team.id)
    event_ts = hub.state.new_ts()
    hub.emit(team, "tokens_revoked", _revoked(bot.id, event_ts))
    hub.emit(team, "app_uninstalled", {"type": "app_uninstalled", "event_ts": event_ts})
    for token in hub.state.tokens.values():
        if token.kind == "bot" and token.user == bot.id:
            token.uninstalled = True
    for channel in hub.state.channels.values():
        if channel.kind not in {"im", "mpim"}:
            channel.members.discard(bot.id)
    for one in hub.state.teams.values():
        if one.bot is bot:
            one.bot = None


def revoke(hub: Hub, token: Token, team: Team) -> None:
    """Ends one token, and says so."""
    hub.emit(team, "tokens_revoked", _revoked(token.user, hub.state.new_ts()))
    token.revoked = True


def _revoked(user: str, event_ts: str) -> Json:
    return {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [user]}, "event_ts": event_ts}
