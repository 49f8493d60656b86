from roundtable import ChatRequest, Message, build

engine = build(options={"attempts": 5, "first_backoff_s": 0.2, "longest_backoff_s": 10, "question_deadline_s": 60})
answer = engine.complete(ChatRequest([Message("user", "Hello")], model_id="sim/flaky"))
for attempt in answer.attempts:
    print(attempt.n, attempt.outcome, f"{attempt.ms:.0f} ms", attempt.wait_s)
