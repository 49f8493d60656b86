"""A simulated provider: seeded answers, delays, limits and faults, for a first run without any key.

prompt.py    what was asked: language, kind, subject, requested length
wish.py      what is asked for beside words: effort, form, tools
attached.py  what is attached, looked at: pictures, documents (pdf.py), recordings
calling.py   which tools are called; instance.py an instance of a JSON schema
answer.py    the text of an answer, from the Markdown files in prose/
tokens.py    our own token count, the same for prompt, pieces and usage
models.py    how fast and how reliable each simulated model is
plan.py      the pure planner: when each event is due; everything else only plays the plan
choices.py   the plan of a request for several answers
shapes/      the plan in each vendor's wire format
transport.py the in-process transport (`sim://`), in the OpenAI shape
server.py    the same over real HTTP, in every shape; calls.py its own clock
kept.py      the conversation before a response, for requests that continue it by its id
transcription.py  …/audio/transcriptions, which says how long a recording is; sound.py reads that from its container
lookups.py   other requests of clients: models, token counts, versions, health
"""
