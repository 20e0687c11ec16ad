"""users.*, usergroups.*, bots.*, team.*: who there is."""

from __future__ import annotations

from tests.slack.state import Json, User
from tests.slack.web_api.calling import ApiError, Request, method


def user_json(request: Request, user: User) -> Json:
    shown: Json = {
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "real_name": user.name.title(),
        "deleted": user.deleted,
        "profile": {"display_name": user.name, "real_name": user.name.title()},
        "is_bot": user.bot,
        "is_app_user": False,
        "is_stranger": user.team != request.team.id,
    }
    if user.deleted:
        return shown
    shown |= {
        "tz": user.tz,
        "is_admin": user.admin or user.owner,
        "is_owner": user.owner,
        "is_primary_owner": False,
        "is_restricted": bool(user.guest),
        "is_ultra_restricted": user.guest == "single",
    }
    return shown | ({"locale": user.locale} if request.flag("include_locale") else {})


@method("users.info")
def info(request: Request) -> Json:
    return {"user": user_json(request, request.user())}


@method("users.list")
def listing(request: Request) -> Json:
    users = [user for user in request.hub.state.users.values() if request.knows(user)]
    limit = request.number("limit", len(users))
    start = int(request.text("cursor") or 0)
    after = start + limit
    cursor = str(after) if after < len(users) else ""
    members = [user_json(request, user) for user in users[start:after]]
    return {"members": members, "response_metadata": {"next_cursor": cursor}}


@method("usergroups.users.list")
def group(request: Request) -> Json:
    users = request.team.groups.get(request.need("usergroup"))
    if users is None:
        raise ApiError("no_such_subteam")
    return {"users": [one for one in users if not request.hub.state.users[one].deleted]}


@method("bots.info")
def bot(request: Request) -> Json:
    if request.need("bot") != request.team.bot_id:
        raise ApiError("bot_not_found")
    named = {"id": request.team.bot_id, "app_id": request.hub.app.id, "name": request.hub.app.name}
    return {"bot": {**named, "user_id": request.token.user, "deleted": False}}


@method("team.info")
def team(request: Request) -> Json:
    shown = {"id": request.team.id, "name": request.team.name, "domain": request.team.domain}
    return {"team": {**shown, "enterprise_id": request.team.enterprise}}
