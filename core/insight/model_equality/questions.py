"""The questions. None has a right answer: the best two words lie close together, so that small changes of the weights
change which of them comes first. Most answers are one token long.
"""

from __future__ import annotations

from collections.abc import Sequence

SIZES = (15, 30)  # how many of them are asked

QUESTIONS: Sequence[str] = (
    "Pick a whole number between 1 and 999. Reply with the number alone.",
    "Write one random English noun. Reply with that word alone.",
    "Choose a colour for a boat. Reply with one word.",
    "Name any animal with four legs. Reply with one word.",
    "Pick a letter of the alphabet. Reply with the letter alone.",
    "Name a city you would put on a postcard. Reply with its name alone.",
    "Which fruit is best in a cake? Reply with one word.",
    "Give a first name for a detective. Reply with the name alone.",
    "Pick a two-digit number. Reply with the number alone.",
    "Name a musical instrument. Reply with one word.",
    "Complete with one word: The old house smelled of",
    "Name a kind of tree. Reply with one word.",
    "Write a random verb. Reply with that word alone.",
    "Pick a day of the week and a month, and reply with the month alone.",
    "随便写一个汉字。只回答这一个字。",
    "Which planet would a poet choose? Reply with one word.",
    "Name a tool in a shed. Reply with one word.",
    "Give a name for a grey cat. Reply with the name alone.",
    "Name a vegetable that children dislike. Reply with one word.",
    "Pick a year between 1000 and 1900. Reply with the year alone.",
    "Complete with one word: In the drawer lay a rusty",
    "Name a bird. Reply with one word.",
    "Write a random adjective. Reply with that word alone.",
    "Name a river. Reply with its name alone.",
    "Which spice goes with lentils? Reply with one word.",
    "Pick a whole number between 10 and 90 that is not round. Reply with the number alone.",
    "Name something that floats. Reply with one word.",
    "Complete with one word: She opened the letter and felt",
    "Name a precious stone. Reply with one word.",
    "说一种水果的名字。只回答一个词。",
)
