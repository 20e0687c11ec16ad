"""Tokens: who calls, for which workspace, and whether the call is allowed to."""

from __future__ import annotations

from tests.slack.hub import Hub
from tests.slack.state import Json, Team, Token
from tests.slack.web_api.calling import ApiError

NO_TOKEN = frozenset({"oauth.v2.access"})


def token_of(hub: Hub, method: str, header: str, args: Json) -> Token:
    """The token of a call, by header or (except for apps.connections.open) by argument."""
    in_args = args.pop("token", None)
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "bearer":
        value = "" if method == "apps.connections.open" else str(in_args or "")
    if not value:
        raise ApiError("not_authed")
    token = hub.state.tokens.get(value)
    if token is None:
        raise ApiError("invalid_auth")
    if token.uninstalled:
        raise ApiError("account_inactive")
    if token.revoked:
        raise ApiError("token_revoked")
    if token.expires_at is not None and token.expires_at <= hub.clock.now():
        raise ApiError("token_expired")
    user = hub.state.users.get(token.user)
    if user is not None and user.deleted:
        raise ApiError("account_inactive")
    if (method == "apps.connections.open") != (token.kind == "app"):
        raise ApiError("not_allowed_token_type")
    return token


def team_of(hub: Hub, token: Token, args: Json) -> Team:
    """The workspace that a call is for; a token of a whole organisation says it by team_id or by the channel."""
    teams = hub.state.teams
    if token.team is not None:
        return teams[token.team]
    if token.kind == "app":
        return next(iter(teams.values()))
    channel = hub.state.channels.get(str(args.get("channel") or args.get("channel_id") or ""))
    user = hub.state.users.get(str(args.get("user_id") or args.get("user") or args.get("users") or ""))
    found = args.get("team_id") or (channel and channel.team) or (user and user.team)
    team = teams.get(str(found)) or next(one for one in teams.values() if one.enterprise == token.enterprise)
    if team.enterprise != token.enterprise:
        raise ApiError("team_access_not_granted")
    return team
