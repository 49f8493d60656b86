from roundtable import ChatRequest, Message, build

engine = build()
request = ChatRequest([Message("user", "What is a tide?")], model_id="sim/quick", reuse=True)
print(engine.complete(request).cached, engine.complete(request).cached)  # False True
