"""`rasa ARGUMENTS` with the access token from the environment: on the command line every user of the machine reads it."""

import os
import sys

from silent_log import keep_words_out, name_turns

if __name__ == "__main__":
    keep_words_out()
    name_turns()
    from rasa.__main__ import main

    token = os.environ.pop("SILVI_NLU_TOKEN", "")
    sys.argv[0] = "rasa"
    if token:
        sys.argv.append(f"--auth-token={token}")  # a token may begin with a dash
    main()
