"""assistant.threads.*: the working state, suggested prompts and title of a thread."""

from __future__ import annotations

from tests.slack.state import Json
from tests.slack.web_api.calling import ApiError, Request, invalid_arguments, method


def _thread(request: Request, *, needed: bool) -> tuple[str, str]:
    channel = request.channel("channel_id", member=True)
    thread_ts = request.need("thread_ts") if needed else request.text("thread_ts") or ""
    if thread_ts and (channel.id, thread_ts) not in request.hub.state.messages:
        raise ApiError("invalid_thread_ts")
    return channel.id, thread_ts


@method("assistant.threads.setStatus")
def set_status(request: Request) -> Json:
    key = _thread(request, needed=True)
    if "status" not in request.args:
        raise invalid_arguments("missing required field: status")
    loading = request.structure("loading_messages", "invalid_arguments") or []
    if len(loading) > 10:
        raise invalid_arguments("loading_messages: at most 10")
    request.hub.state.statuses.setdefault(key, []).append(str(request.args["status"]))
    return {}


@method("assistant.threads.setSuggestedPrompts")
def set_prompts(request: Request) -> Json:
    key = _thread(request, needed=False)
    prompts = request.structure("prompts", "invalid_arguments")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
        raise invalid_arguments("prompts: must have 1 to 4")
    if not all(isinstance(one, dict) and one.get("title") and one.get("message") for one in prompts):
        raise invalid_arguments("prompts: each needs a title and a message")
    request.hub.state.prompts[key] = prompts
    return {}


@method("assistant.threads.setTitle")
def set_title(request: Request) -> Json:
    request.hub.state.titles[_thread(request, needed=True)] = request.need("title")
    return {}
