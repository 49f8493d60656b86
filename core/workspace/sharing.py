"""Read-only links: a person's own (`Sharing`), and what whoever has one may read (`SharedLinks`).

link, token = person.sharing.share_chat(view, lasts=timedelta(days=7))
content = workspace.shared_links.read(token)       NotFound where it does not work, whatever the reason
person.sharing.copy("r1", content)                 the id of a chat of this person's own
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ..records import Document, Owner, Picture, Sound
from ..store import NotFound, blobs, chat_copies, conversations, shared_links, tree
from ..store.rounds import whole
from ..store.votes import ballots
from ..store.votes import blind as blinding
from ..views.comparison import Comparison
from ..views.conversation import ConversationView, File, Turn
from ..views.sharing import ALL, MESSAGES, LinkTarget, SharedContent, SharedLink, SharedTurn, SharedVote
from ..views.votes import Vote
from .branches import turns_of
from .shared import Shared
from .shared_text import SharedText


class UnknownToken(NotFound):
    """No link has this token: it was mistyped, or guessed."""


class Sharing:
    """A person's links. Raises `StoreError`."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._settings = shared.engine.settings
        self._database = shared.database
        self._owner_id = owner.id

    def share_chat(
        self, view: ConversationView, *, lasts: timedelta | None, with_files: bool = False, follows: bool = False
    ) -> tuple[SharedLink, str]:
        """A link to this branch up to its last answer that has ended, or (`follows`) to what the chat becomes; and its
        token. `lasts` None: until it is revoked, or for as long as the server allows. NotFound without an answer."""
        ended = [turn.answer_id for turn in view.turns if turn.completion]
        if not ended and not follows:
            raise NotFound("There is no answer to share yet.")
        return self._create(view.id, lasts, with_files, None if follows else {"leaf": ended[-1]})

    def share_comparison(
        self, run: Comparison, *, lasts: timedelta | None, follows: bool = False
    ) -> tuple[SharedLink, str]:
        """The same for a comparison: its columns, answers, votes and whether its names are hidden, as they are now."""
        ended = [turn.answer_id for lane in run.lanes for turn in lane.turns if turn.completion]
        if not ended and not follows:
            raise NotFound("There is no answer to share yet.")
        votes = ballots.of_run(self._database, self._owner_id, run.id)
        snapshot = {
            "answers": ended,
            "columns": [[lane.id, lane.model_id] for lane in run.lanes],
            "blind": run.blind,
            "votes": {str(number): [vote.outcome, _winner(vote)] for number, vote in votes.items()},
        }
        return self._create(run.id, lasts, False, None if follows else snapshot)

    def links(self, conversation_id: str | None = None) -> list[SharedLink]:
        """The links that work, of one chat or comparison or of all, the newest first."""
        return shared_links.of_owner(self._database, self._owner_id, conversation_id)

    def revoke(self, link_id: str | None = None) -> int:
        """End a link, or all, at once; returns how many."""
        return shared_links.revoke(self._database, self._owner_id, link_id)

    def copy(self, request_id: str, content: SharedContent, column: int = 0) -> str:
        """A chat of this person's own that goes on from there, with one column of a comparison; returns its id."""
        if content.blind:
            raise NotFound("The models of this comparison are not named yet.")
        turns = [(turn, answer) for turn in content.turns if (answer := turn.answers[column])]
        copied = [(turn.prompt, turn.files, answer.completion) for turn, answer in turns]
        if source := shared_links.owner_of(self._database, content.link_id):
            names = {file.sha256 for turn, _ in turns for file in turn.files if file.sha256} | set(_media_of(content))
            blobs.copy(self._database, source, names, self._owner_id)
        return chat_copies.create(self._database, self._owner_id, request_id, content.title, copied)

    def _create(
        self, conversation_id: str, lasts: timedelta | None, with_files: bool, snapshot: Mapping[str, Any] | None
    ) -> tuple[SharedLink, str]:
        if self._settings.sharing == "off":
            raise NotFound("Sharing is switched off.")
        most = timedelta(days=self._settings.sharing_days) if self._settings.sharing_days else None
        lasts = min(lasts or most, most) if most else lasts
        expires_at = self._database.now() + lasts if lasts else None
        return shared_links.create(
            self._database,
            self._owner_id,
            conversation_id,
            expires_at=expires_at,
            with_files=with_files,
            snapshot=snapshot,
        )


class SharedLinks:
    """Links as those read them who have one. `keys_of`: a person's pasted keys, which no link shows."""

    def __init__(self, shared: Shared, keys_of: Callable[[str], Mapping[str, str]]) -> None:
        self._engine = shared.engine
        self._database = shared.database
        self._keys_of = keys_of

    def read(self, token: str, *, messages: int = MESSAGES) -> SharedContent:
        """What the link shows now. NotFound if it does not work; UnknownToken if there never was one."""
        link = shared_links.target(self._database, token)
        if link is None:
            raise UnknownToken("There is no such link.")
        if link.ended or not self._is_allowed(link):
            raise NotFound("The link has ended.")
        text = SharedText(self._engine.redactor(self._keys_of(link.owner_id)))
        return self._chat(link, text, messages) if link.kind == "chat" else self._comparison(link, text)

    def file(self, token: str, sha256: str) -> tuple[str, bytes] | None:
        """Media type and bytes of a file or picture of the turns that the link shows; None for anything else."""
        content = self.read(token, messages=ALL)
        shown = {file.sha256 for turn in content.turns for file in turn.files}
        link = shared_links.target(self._database, token)
        if link is None or sha256 not in shown | set(_media_of(content)):
            return None
        blob = blobs.facts(self._database, link.owner_id, sha256)
        data = blobs.load(self._database, link.owner_id, [sha256]).get(sha256)
        return (blob.media_type, data) if blob and data is not None else None

    def count_opening(self, token: str) -> None:
        """Somebody opened it."""
        if link := shared_links.target(self._database, token):
            shared_links.count_opening(self._database, link.owner_id, link.link_id)

    def _is_allowed(self, link: LinkTarget) -> bool:
        """By the options as they are now, which may be stricter than when the link was made."""
        settings = self._engine.settings
        most = timedelta(days=settings.sharing_days) if settings.sharing_days else timedelta.max
        return settings.sharing != "off" and self._database.now() - link.created_at < most

    def _chat(self, link: LinkTarget, text: SharedText, messages: int) -> SharedContent:
        leaf_id = str(link.snapshot["leaf"]) if link.snapshot else None
        owner_id, chat_id = link.owner_id, link.conversation_id
        title = link.title if leaf_id else conversations.get(self._database, owner_id, chat_id).title
        if not link.with_files and self._names_a_file(link, title):
            title = ""
        branch = tree.path(self._database, owner_id, chat_id, leaf_id=leaf_id, limit=messages)
        turns = tuple(self._turn(link, text, turn) for turn in turns_of(branch))
        return _content(link, text.scrubbed(title), turns, earlier=(branch.earlier + 1) // 2)

    def _names_a_file(self, link: LinkTarget, title: str) -> bool:
        """Whether a title may be that of a question without words, which is called after its files."""
        names = shared_links.file_names(self._database, link.owner_id, link.conversation_id)
        begun = title.rstrip("…")
        return bool(begun) and any(name in title or name.startswith(begun) for name in names)

    def _turn(self, link: LinkTarget, text: SharedText, turn: Turn) -> SharedTurn:
        files: tuple[File, ...] = ()
        if turn.attached and link.with_files:
            stored = tree.files(self._database, link.owner_id, turn.question_id)
            files = tuple(
                replace(file, name=text.scrubbed(file.name), text=text.scrubbed(file.text)) for file in stored
            )
        names = ", ".join(file.name for file in turn.attached)
        prompt = "" if names == turn.prompt and not link.with_files else text.scrubbed(turn.prompt)
        left_out = 0 if link.with_files else len(turn.attached)
        answers = (text.answer(turn),) if turn.answer_id else (None,)
        return SharedTurn(prompt, turn.asked_at, answers, files, left_out)

    def _comparison(self, link: LinkTarget, text: SharedText) -> SharedContent:
        only = frozenset(map(str, link.snapshot["answers"])) if link.snapshot else None
        run = whole.read(self._database, link.owner_id, link.conversation_id, only=only)
        if link.snapshot:
            columns = {str(lane_id): str(model_id) for lane_id, model_id in link.snapshot["columns"]}
            votes = {int(number): (outcome, winner) for number, (outcome, winner) in link.snapshot["votes"].items()}
            blind = bool(link.snapshot["blind"])
        else:
            columns = {lane.conversation_id: lane.model_id for lane in run.lanes if lane.removed_at is None}
            cast = ballots.of_run(self._database, link.owner_id, run.id)
            votes = {number: (vote.outcome, _winner(vote)) for number, vote in cast.items()}
            blind = blinding.hides(run.options)
        of_question = {
            turn.question_id: turn
            for lane in run.lanes
            for turn in turns_of(tree.Branch(lane.conversation_id, lane.turns, 0, None, lane.version))
        }
        turns = []
        for number, prompt, asked_at, questions in [
            (item.number, item.prompt, item.created_at, item.questions) for item in run.rounds
        ]:
            cells = [of_question.get(questions.get(lane_id, "")) for lane_id in columns]
            if any(cells):
                answers = tuple(text.answer(cell, named=not blind) if cell else None for cell in cells)
                vote = _vote(*votes[number], list(columns)) if number in votes else None
                attached = next((cell.attached for cell in cells if cell), ())
                shown = "" if prompt == ", ".join(file.name for file in attached) else text.scrubbed(prompt)
                turns.append(SharedTurn(shown, asked_at, answers, left_out=len(attached), vote=vote))
        models = tuple("" if blind else text.scrubbed(model_id) for model_id in columns.values())
        title = text.scrubbed(link.title if link.snapshot else run.title)
        return _content(link, title, tuple(turns), columns=models, blind=blind)


def _media_of(content: SharedContent) -> Iterator[str]:
    """The hashes of the pictures and files of its answers."""
    answers = (answer for turn in content.turns for answer in turn.answers if answer and answer.completion)
    for answer in answers:
        for part in answer.completion.parts if answer.completion else ():
            if isinstance(part, Picture | Document | Sound) and part.sha256:
                yield part.sha256


def _winner(vote: Vote) -> str | None:
    """The lane that won."""
    return None if vote.place is None else vote.lanes[vote.place][0]


def _vote(outcome: Any, winner: str | None, lane_ids: list[str]) -> SharedVote:
    return SharedVote(outcome, lane_ids.index(winner) if winner in lane_ids else None)


def _content(link: LinkTarget, title: str, turns: tuple[SharedTurn, ...], **more: Any) -> SharedContent:
    return SharedContent(
        link.link_id, link.kind, title, link.created_at, link.expires_at, link.snapshot is None, turns, **more
    )
