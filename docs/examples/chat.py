from roundtable import build

chat = build().chat(model_id="sim/quick", system="Answer in one sentence.")
print(chat.ask("What is a tide?").text)
print(chat.ask("And a spring tide?").text)  # sent with the first question and its answer
