"""Sentences of core's errors as earlier versions worded them, so that answers kept then are still translated."""

FORMER = (
    "At most {0} files go with one question.",
    "Earlier turns of this chat were for {0}, which is private, so no other provider is chosen. Name a model, or allow "
    "other providers for it.",
    "It begins anew at {0} UTC, in {1}.",
    "No first word came in time.",
    "No model can be asked: none in the catalogue tells its size.",
    "No model is known of {0}.",
    "Roundtable itself failed on this answer ({0}).",
    "Roundtable itself failed on this row ({0}).",
    "The database cannot be reached: new messages are kept aside until it can.",
    "The disk is full: what you write now is kept aside and saved when there is room.",
    "The provider fell silent in mid-answer.",
    "The provider took the request and sent no answer in time.",
    "The server's certificate is signed by nobody who is known here. If the server (or the proxy on the way) is your "
    "own, set SSL_CERT_FILE to a PEM file that holds its certificate.",
    "The whole answer took too long.",
    "There is no such provider; a model is named provider/model, for example sim/quick.",
    "What is left at {0} cannot be counted now, so the shared key is not used.",
    "a web page came in place of an answer",
    "the answer broke off before its end",
    "the reply is not in the agreed form",
    "{0} asked for a pause.",
    "{0} failed several times in a row with {1} and is given a pause.",
    "{0} refused this key. Change it, or press Retry: it is sent at once.",
    "{0} refused this key: change it, or test it on the Providers page.",
    "{0} said that there is no credit left. Add some and press Retry: it is sent at once.",
    "{0} says that the limit for {1} is used up.",
    "{0} takes it.",
)
