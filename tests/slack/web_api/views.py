"""views.*: modals by trigger, home tabs by user."""

from __future__ import annotations

import json

from tests.slack import blocks as kit
from tests.slack import posting
from tests.slack.hub import Hub
from tests.slack.state import Json, Trigger, View
from tests.slack.web_api.calling import ApiError, Request, invalid_arguments, method

PUSHED = 3
BYTES = 250_000


def view_json(hub: Hub, view: View) -> Json:
    team = hub.state.teams[view.team]
    defaults: Json = {"private_metadata": "", "callback_id": "", "external_id": "", "clear_on_close": False}
    return {
        **defaults,
        "notify_on_close": False,
        **view.payload,
        "id": view.id,
        "team_id": view.team,
        "state": view.state or {"values": {}},
        "hash": view.hash,
        "root_view_id": view.root,
        "previous_view_id": view.previous,
        "app_id": hub.app.id,
        "app_installed_team_id": view.team,
        "bot_id": team.bot_id,
    }


def checked(hub: Hub, payload: object, kind: str, *, besides: View | None = None) -> Json:
    """A view's payload that Slack would take; also used for what comes back from a submission."""
    errors = kit.view_errors(payload)
    if not isinstance(payload, dict) or errors:
        raise invalid_arguments(*errors)
    if payload["type"] != kind:
        raise invalid_arguments(f"view.type: must be {kind}")
    if len(json.dumps(payload).encode()) > BYTES:
        raise ApiError("view_too_large")
    external = payload.get("external_id")
    for other in hub.state.views.values():
        if external and other is not besides and other.open and other.payload.get("external_id") == external:
            raise ApiError("duplicate_external_id")
    return {**payload, "blocks": posting.with_ids(hub, payload["blocks"])}


def opened(hub: Hub, team: str, user: str, payload: Json, previous: View | None = None) -> View:
    number = hub.state.new_id("V")
    root = previous.root if previous else number
    view = View(number, team, user, payload, hub.state.new_ts(), root, previous.id if previous else None)
    hub.state.views[view.id] = view
    return view


def changed(hub: Hub, view: View, payload: Json) -> None:
    view.versions.append(view.payload)
    view.payload, view.hash, view.state = payload, hub.state.new_ts(), {}


def _trigger(request: Request) -> Trigger:
    trigger = request.hub.state.triggers.get(request.text("trigger_id") or "")
    if trigger is None or trigger.team != request.team.id:
        raise ApiError("invalid_trigger_id")
    if trigger.made_at + request.hub.timings.trigger < request.hub.clock.now():
        raise ApiError("expired_trigger_id")
    if trigger.used:
        raise ApiError("exchanged_trigger_id")
    return trigger


def _payload(request: Request) -> object:
    return request.structure("view", "invalid_arguments")


@method("views.open")
def open_view(request: Request) -> Json:
    trigger = _trigger(request)
    payload = checked(request.hub, _payload(request), "modal")
    trigger.used = True
    view = opened(request.hub, request.team.id, trigger.user, payload)
    return {"view": view_json(request.hub, view)}


@method("views.push")
def push(request: Request) -> Json:
    trigger = _trigger(request)
    below = request.hub.state.views.get(trigger.view or "")
    if below is None or not below.open:
        raise ApiError("not_found")
    stack = [view for view in request.hub.state.views.values() if view.root == below.root and view.open]
    if len(stack) >= PUSHED:
        raise ApiError("push_limit_reached")
    payload = checked(request.hub, _payload(request), "modal")
    trigger.used = True
    return {"view": view_json(request.hub, opened(request.hub, request.team.id, trigger.user, payload, below))}


@method("views.update")
def update(request: Request) -> Json:
    view_id, external = request.text("view_id"), request.text("external_id")
    views = [view for view in request.hub.state.views.values() if view.team == request.team.id and view.open]
    view = next((v for v in views if v.id == view_id or (external and v.payload.get("external_id") == external)), None)
    if view is None:
        raise ApiError("not_found")
    if request.text("hash") not in {None, view.hash}:
        raise ApiError("hash_conflict")
    changed(request.hub, view, checked(request.hub, _payload(request), "modal", besides=view))
    return {"view": view_json(request.hub, view)}


@method("views.publish")
def publish(request: Request) -> Json:
    user = request.hub.state.users.get(request.need("user_id"))
    if user is None or user.team != request.team.id:
        raise invalid_arguments("user_id: no such user")
    if not request.hub.app.home_tab:
        raise ApiError("not_enabled")
    payload = checked(request.hub, _payload(request), "home")
    key = (request.team.id, user.id)
    view = request.hub.state.homes.get(key)
    if request.text("hash") is not None and (view is None or request.text("hash") != view.hash):
        raise ApiError("hash_conflict")
    if view is None:
        view = opened(request.hub, request.team.id, user.id, payload)
        request.hub.state.homes[key] = view
    else:
        changed(request.hub, view, payload)
    return {"view": view_json(request.hub, view)}
