from roundtable import ChatRequest, Message, build

engine = build()
answer = engine.complete(ChatRequest([Message("user", "Why is the sky blue?")], model_id="sim/quick"))
print(answer.error.message if answer.error else answer.text)
