"""A provider that exists only here: seeded answers, delays, limits and faults, for a first run without any key.

prompt.py    what was asked: language, kind, subject, wished length
answer.py    the text of an answer, from the Markdown files in prose/
tokens.py    our own token count, the same for prompt, pieces and usage
models.py    how fast and how reliable each simulated model is
plan.py      the pure planner: when each event is due; everything else only plays it
choices.py   the plan of a request that wants several answers
shapes/      the plan in each vendor's wire format
transport.py the in-process transport (`sim://`), in the OpenAI shape
server.py    the same over real HTTP, in every shape; calls.py its own clock
kept.py      what was said before a response that goes on by an id
lookups.py   what clients look up besides: models, token counts, versions, health
"""
