from roundtable import CALCULATOR, build


def weather(city: str, days: int = 1) -> str:
    """Tell the weather of a city for the next days."""
    return f"{city}: rain for {days} days"


chat = build().chat(model_id="sim/quick", tools=[CALCULATOR, weather])
answer = chat.ask("What is 17*23?")
print(answer.text)
for step in answer.steps:  # the model's calls, then what the functions returned
    print(step.role, step.tool_calls or step.text)
