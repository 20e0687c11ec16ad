"""files.*: the three steps of an upload; a shared file is a message of its own, without metadata."""

from __future__ import annotations

from tests.slack import posting
from tests.slack.state import Channel, File, Json
from tests.slack.web_api.calling import ApiError, Request, invalid_arguments, method
from tests.slack.web_api.messages import bots_message, thread_of

LARGEST = 1_000_000_000


@method("files.getUploadURLExternal")
def get_url(request: Request) -> Json:
    name, length = request.need("filename"), request.number("length", 0)
    if length < 1:
        raise invalid_arguments("length: must be more than 0")
    if length > LARGEST:
        raise ApiError("file_upload_size_restricted")
    file = File(request.hub.state.new_id("F"), request.team.id, name, length, request.text("alt_txt"))
    request.hub.state.files[file.id] = file
    return {"upload_url": f"{request.hub.base_url}/upload/v1/{file.id}", "file_id": file.id}


def uploaded(file: File | None, content: bytes) -> tuple[int, str]:
    """Status and body for what was sent to an upload URL."""
    if file is None:
        return 404, "not found"
    if file.content is not None or len(content) != file.length:
        return 400, "wrong size, or sent twice"
    file.content = content
    return 200, f"OK - {len(content)}"


@method("files.completeUploadExternal")
def complete(request: Request) -> Json:
    given = request.structure("files", "invalid_arguments")
    if not isinstance(given, list) or not given:
        raise invalid_arguments("files: missing")
    files = []
    for one in given:
        file = request.hub.state.files.get(str(one.get("id")))
        if file is None or file.content is None or file.team != request.team.id:
            raise ApiError("file_not_found")
        file.title = one.get("title") or file.name
        files.append(file)
    names = [request.text("channel_id") or "", *(request.text("channels") or "").split(",")]
    for name in dict.fromkeys(name for name in names if name):
        _share(request, name, files)
    return {"files": [{"id": file.id, "title": file.title, "name": file.name} for file in files]}


def _share(request: Request, name: str, files: list[File]) -> None:
    request.args["channel"] = name
    channel: Channel = request.channel(live=True, member=True)
    thread = thread_of(request, channel)
    text = request.text("initial_comment") or ""
    for file in files:
        file.shared_in.append(channel.id)
    posting.post(request.hub, bots_message(request, channel, text=text, thread_ts=thread, files=list(files)))
