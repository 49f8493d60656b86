from roundtable import ChatRequest, Message, ResponseFormat, Text, build, read_file

SCHEMA = '{"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}'

with open("notes.txt", "w") as file:
    file.write("A zeppelin is an airship with a rigid frame.")

question = Message("user", [Text("Give it a title."), read_file("notes.txt")])  # a picture, PDF or sound as well
form = ResponseFormat("schema", SCHEMA)
answer = build().complete(ChatRequest([question], model_id="sim/quick", effort="low", response_format=form))
print(answer.error.message if answer.error else answer.text)
