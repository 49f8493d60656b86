"""Read-only links: a person's own (`Sharing`), and what whoever has one may read (`SharedLinks`).

link, token = person.sharing.share_chat(view, lasts=timedelta(days=7))
content = workspace.shared_links.read(token)       NotFound where it does not work, whatever the reason
person.sharing.copy("r1", content)                 the id of a chat of this person's own
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from ..records import Owner
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
from .shared_text import SharedText, media_of


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
        self, run: Comparison, *, lasts: timedelta | None, with_files: bool = False, follows: bool = False
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
        return self._create(run.id, lasts, with_files, None if follows else snapshot)

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
        if link := shared_links.target_of(self._database, content.link_id):
            names = {file.sha256 for turn, _ in turns for file in turn.files if file.sha256}
            names |= {name for _, answer in turns for name in media_of(answer.completion)}
            blobs.copy(self._database, link.owner_id, names, self._owner_id)
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
        if not self._works(link):
            raise NotFound("The link has ended.")
        text = SharedText(self._engine.redactor(self._keys_of(link.owner_id)))
        return self._chat(link, text, messages) if link.kind == "chat" else self._comparison(link, text)

    def file(self, link_id: str, sha256: str) -> tuple[str, bytes] | None:
        """Media type and bytes of a file of the turns that the link shows now; None for anything else. Whoever asks
        has read what the link shows, which alone tells its id."""
        link = shared_links.target_of(self._database, link_id)
        if link is None or not self._works(link) or not self._shows(link, sha256):
            return None
        blob = blobs.facts(self._database, link.owner_id, sha256)
        data = blobs.load(self._database, link.owner_id, [sha256]).get(sha256)
        return (blob.media_type, data) if blob and data is not None else None

    def count_opening(self, token: str) -> None:
        """Somebody opened it."""
        if link := shared_links.target(self._database, token):
            shared_links.count_opening(self._database, link.owner_id, link.link_id)

    def _works(self, link: LinkTarget) -> bool:
        """By the options as they are now too, which may be stricter than when the link was made."""
        settings = self._engine.settings
        most = timedelta(days=settings.sharing_days) if settings.sharing_days else timedelta.max
        return not link.ended and settings.sharing != "off" and self._database.now() - link.created_at < most

    def _chat(self, link: LinkTarget, text: SharedText, messages: int) -> SharedContent:
        title = link.title
        if not link.snapshot:
            title = conversations.get(self._database, link.owner_id, link.conversation_id).title
        branch = self._branch(link, messages)
        turns = tuple(self._turn(link, text, turn) for turn in turns_of(branch))
        return _content(link, self._title(link, text, title), turns, earlier=(branch.earlier + 1) // 2)

    def _branch(self, link: LinkTarget, messages: int) -> tree.Branch:
        leaf_id = str(link.snapshot["leaf"]) if link.snapshot else None
        return tree.path(self._database, link.owner_id, link.conversation_id, leaf_id=leaf_id, limit=messages)

    def _title(self, link: LinkTarget, text: SharedText, title: str) -> str:
        """Without one that may be that of a question without words, which is called after its files."""
        if not link.with_files:
            names = shared_links.file_names(self._database, link.owner_id, link.conversation_id)
            begun = title.rstrip("…")
            if begun and any(name in title or name.startswith(begun) for name in names):
                return ""
        return text.scrubbed(title)

    def _turn(self, link: LinkTarget, text: SharedText, turn: Turn) -> SharedTurn:
        prompt, files, left_out = self._question(link, text, turn.prompt, turn)
        answers = (text.answer(turn),) if turn.answer_id else (None,)
        return SharedTurn(prompt, turn.asked_at, answers, files, left_out)

    def _question(
        self, link: LinkTarget, text: SharedText, prompt: str, turn: Turn
    ) -> tuple[str, tuple[File, ...], int]:
        """Its words, its files, and how many files are not shared, whose names are not told either."""
        if not turn.attached:
            return text.scrubbed(prompt), (), 0
        if link.with_files:
            stored = tree.files(self._database, link.owner_id, turn.question_id)
            return text.scrubbed(prompt), tuple(map(text.file, stored)), 0
        names = ", ".join(file.name for file in turn.attached)
        return "" if prompt == names else text.scrubbed(prompt), (), len(turn.attached)

    def _shows(self, link: LinkTarget, sha256: str) -> bool:
        """Whether a file of the link's turns goes to readers as it is."""
        for turn in turns_of(self._branch(link, ALL)) if link.kind == "chat" else self._cells(link, self._run(link)):
            if link.with_files and any(file.sha256 == sha256 for file in turn.attached):
                stored = tree.files(self._database, link.owner_id, turn.question_id)
                if any(file.sha256 == sha256 and not file.text for file in stored):
                    return True
            if sha256 in media_of(turn.completion):
                return True
        return False

    def _run(self, link: LinkTarget) -> whole.StoredComparison:
        only = frozenset(map(str, link.snapshot["answers"])) if link.snapshot else None
        return whole.read(self._database, link.owner_id, link.conversation_id, only=only)

    def _cells(self, link: LinkTarget, run: whole.StoredComparison) -> Iterator[Turn]:
        """The turns of the columns that are shown."""
        columns = _columns(link, run)
        for lane in run.lanes:
            if lane.conversation_id in columns:
                yield from turns_of(tree.Branch(lane.conversation_id, lane.turns, 0, None, lane.version))

    def _comparison(self, link: LinkTarget, text: SharedText) -> SharedContent:
        run = self._run(link)
        columns = _columns(link, run)
        if link.snapshot:
            votes = {int(number): (outcome, winner) for number, (outcome, winner) in link.snapshot["votes"].items()}
            blind = bool(link.snapshot["blind"])
        else:
            cast = ballots.of_run(self._database, link.owner_id, run.id)
            votes = {number: (vote.outcome, _winner(vote)) for number, vote in cast.items()}
            blind = blinding.hides(run.options)
        of_question = {turn.question_id: turn for turn in self._cells(link, run)}
        turns = []
        for number, prompt, asked_at, questions in [
            (item.number, item.prompt, item.created_at, item.questions) for item in run.rounds
        ]:
            cells = [of_question.get(questions.get(lane_id, "")) for lane_id in columns]
            if any(cells):
                answers = tuple(text.answer(cell, named=not blind) if cell else None for cell in cells)
                vote = _vote(*votes[number], list(columns)) if number in votes else None
                question = next(cell for cell in sorted(cells, key=_has_no_files) if cell)
                shown, files, left_out = self._question(link, text, prompt, question)
                turns.append(SharedTurn(shown, asked_at, answers, files, left_out, vote))
        models = tuple("" if blind else text.scrubbed(model_id) for model_id in columns.values())
        title = self._title(link, text, link.title if link.snapshot else run.title)
        return _content(link, title, tuple(turns), columns=models, blind=blind)


def _columns(link: LinkTarget, run: whole.StoredComparison) -> dict[str, str]:
    """The models of the lanes that are shown."""
    if link.snapshot:
        return {str(lane_id): str(model_id) for lane_id, model_id in link.snapshot["columns"]}
    return {lane.conversation_id: lane.model_id for lane in run.lanes if lane.removed_at is None}


def _has_no_files(cell: Turn | None) -> bool:
    return not (cell and cell.attached)


def _winner(vote: Vote) -> str | None:
    """The lane that won."""
    return None if vote.place is None else vote.lanes[vote.place][0]


def _vote(outcome: Any, winner: str | None, lane_ids: list[str]) -> SharedVote:
    return SharedVote(outcome, lane_ids.index(winner) if winner in lane_ids else None)


def _content(link: LinkTarget, title: str, turns: tuple[SharedTurn, ...], **more: Any) -> SharedContent:
    return SharedContent(
        link.link_id, link.kind, title, link.created_at, link.expires_at, link.snapshot is None, turns, **more
    )
