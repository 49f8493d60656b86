"""Roundtable in Django, in one file: an answer as plain text, piece by piece.

pip install django
python docs/examples/django_app.py 8000
curl -N "http://127.0.0.1:8000/ask?q=Why+is+the+sky+blue"
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.urls import path

from roundtable import ChatRequest, Completion, Delta, Message, build

engine = build()


def request_of(request: HttpRequest) -> ChatRequest:
    question = Message("user", request.GET.get("q", ""))
    return ChatRequest([question], model_id=request.GET.get("model") or "sim/quick", reuse=True)


def ask(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(pieces(request_of(request)), content_type="text/plain; charset=utf-8")


def pieces(question: ChatRequest) -> Iterator[str]:
    """Closed by the WSGI server when the client has gone away, and with it the request to the provider."""
    for event in engine.stream_sync(question):
        if isinstance(event, Delta):
            yield event.text
        elif isinstance(event, Completion) and event.error:
            yield f"\n[{event.error.kind}] {event.error.message}\n"


def whole(request: HttpRequest) -> JsonResponse:
    answer = engine.complete(request_of(request))
    if answer.error:
        return JsonResponse({"error": answer.error.message}, status=502)
    return JsonResponse({"answer": answer.text, "cached": answer.cached})


urlpatterns = [path("ask", ask), path("whole", whole)]

if __name__ == "__main__":
    settings.configure(ROOT_URLCONF=__name__, SECRET_KEY=secrets.token_hex(32), ALLOWED_HOSTS=["127.0.0.1"])
    port = sys.argv[1] if len(sys.argv) > 1 else "8000"
    execute_from_command_line([sys.argv[0], "runserver", "--noreload", f"127.0.0.1:{port}"])
