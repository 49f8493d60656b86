from roundtable import ChatRequest, Completion, Delta, Message, build

with build() as engine:
    for event in engine.stream_sync(ChatRequest([Message("user", "Explain tides")], model_id="sim/quick")):
        match event:
            case Delta(text=text):
                print(text, end="", flush=True)
            case Completion(timing=timing, error=error):
                print(f"\n{timing.ttft_ms:.0f} ms" if timing.ttft_ms and not error else error)
