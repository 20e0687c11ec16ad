"""auth.* and apps.*: who am I, connect me, and good-bye."""

from __future__ import annotations

from tests.slack.oauth import revoke, uninstall
from tests.slack.state import Json
from tests.slack.web_api.calling import ApiError, Request, method


@method("auth.test")
def test(request: Request) -> Json:
    enterprise = {"enterprise_id": request.team.enterprise} if request.team.enterprise else {}
    return {
        "url": f"https://{request.team.domain}.slack.com/",
        "team": request.team.name,
        "user": request.bot.name,
        "team_id": request.team.id,
        "user_id": request.token.user,
        "bot_id": request.team.bot_id,
        **enterprise,
        "is_enterprise_install": request.token.team is None,
    }


@method("auth.revoke")
def revoke_token(request: Request) -> Json:
    if request.flag("test"):
        return {"revoked": False}
    revoke(request.hub, request.token, request.team)
    return {"revoked": True}


@method("apps.uninstall")
def uninstall_app(request: Request) -> Json:
    app = request.hub.app
    if request.text("client_id") != app.client_id:
        raise ApiError("invalid_client_id")
    if request.text("client_secret") != app.client_secret:
        raise ApiError("bad_client_secret")
    uninstall(request.hub, request.team)
    return {}
