"""Roundtable in Flask: an answer as it is written, and a chat for each visitor.

pip install flask
python docs/examples/flask_app.py 8000
curl -N "http://127.0.0.1:8000/ask?q=Why+is+the+sky+blue"
curl -c jar -b jar -d "q=And why red at dusk?" http://127.0.0.1:8000/chat
"""

from __future__ import annotations

import json
import secrets
import sys
from collections import OrderedDict
from collections.abc import Iterator

from flask import Flask, Response, request, session

from roundtable import ChatRequest, ChatSession, Completion, Delta, Message, build

MOST_CHATS = 1000
app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
engine = build()
chats: OrderedDict[str, ChatSession] = OrderedDict()  # in this process, the one that was idle longest first


@app.get("/ask")
def ask() -> Response:
    question = Message("user", request.args.get("q", ""))
    chosen = request.args.get("model") or "sim/quick"
    return Response(server_sent(ChatRequest([question], model_id=chosen)), mimetype="text/event-stream")


def server_sent(question: ChatRequest) -> Iterator[str]:
    """Closed by the WSGI server when the client has gone away, and with it the request to the provider."""
    for event in engine.stream_sync(question):
        if isinstance(event, Delta):
            yield f"data: {json.dumps(event.text)}\n\n"
        elif isinstance(event, Completion):
            ending = event.error.message if event.error else event.finish and event.finish.reason
            yield f"event: {'error' if event.error else 'end'}\ndata: {json.dumps(ending)}\n\n"


@app.post("/chat")
def chat() -> tuple[dict[str, str], int]:
    answer = chat_of_visitor().ask(request.form["q"])
    if answer.error:
        return {"error": answer.error.message}, 502
    return {"answer": answer.text}, 200  # raw text: put it into a page as textContent, or escaped


def chat_of_visitor() -> ChatSession:
    visitor = session.setdefault("visitor", secrets.token_urlsafe())
    if visitor not in chats:
        chats[visitor] = engine.chat(model_id="sim/quick", system="Answer briefly.", owner_id=visitor)
    chats.move_to_end(visitor)
    if len(chats) > MOST_CHATS:
        chats.popitem(last=False)
    return chats[visitor]


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8000, threaded=True)
