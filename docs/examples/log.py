from roundtable import ChatRequest, Message, build

with build(log="calls.db") as engine:
    engine.complete(ChatRequest([Message("user", "What is a tide?")], model_id="sim/quick", temperature=0.2))
