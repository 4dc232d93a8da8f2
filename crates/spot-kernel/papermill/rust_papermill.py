"""Lets papermill write the parameters of a Rust notebook.

    papermill report.ipynb out.ipynb -p date 2016-07-08 -p limit 20

A notebook's parameters stand in a cell tagged `parameters`, as `let NAME = VALUE;`. Texts become `&str`, whole
numbers `i64`, numbers `f64`; lists of one kind become a `Vec`; what else there is becomes a value of serde_json.
"""

import json
import math
import re

from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillException
from papermill.translators import Translator, papermill_translators

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# Of the 2024 edition; as `r#NAME` the others could be variables, these cannot.
KEYWORDS = frozenset(
    "as async await break const continue crate dyn else enum extern false fn for gen if impl in let loop match mod "
    "move mut pub ref return self Self static struct super trait true type unsafe use where while _".split()
)


class RustTranslator(Translator):
    """Values of Python as expressions of Rust."""

    @classmethod
    def translate(cls, val):
        # bool is an int there.
        if val is None:
            return "Option::<&str>::None"
        if isinstance(val, bool):
            return cls.translate_bool(val)
        if isinstance(val, int):
            return cls.translate_int(val)
        if isinstance(val, float):
            return cls.translate_float(val)
        if isinstance(val, dict):
            return cls.translate_dict(val)
        if isinstance(val, (list, tuple)):
            return cls.translate_list(val)
        return cls.translate_str(str(val))

    @classmethod
    def translate_bool(cls, val):
        return "true" if val else "false"

    @classmethod
    def translate_int(cls, val):
        if not -(2**63) <= val < 2**63:
            raise PapermillException(f"{val} does not fit into an i64")
        # The least number has no positive one.
        return f"{val}_i64" if val > -(2**63) else "i64::MIN"

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "f64::NAN"
        if math.isinf(val):
            return "f64::INFINITY" if val > 0 else "f64::NEG_INFINITY"
        return f"{val!r}_f64"

    @classmethod
    def translate_str(cls, val):
        def letter(c):
            plain = " " <= c <= "~" and c not in '"\\'
            # A surrogate alone is no character.
            return c if plain else f"\\u{{{min(ord(c), 0xFFFD) if 0xD800 <= ord(c) < 0xE000 else ord(c):x}}}"

        return '"' + "".join(map(letter, str(val))) + '"'

    @classmethod
    def translate_list(cls, val):
        kinds = {type(one) for one in val}
        if len(kinds) == 1 and kinds <= {bool, int, float, str}:
            return f"vec![{', '.join(map(cls.translate, val))}]"
        return cls.translate_dict(list(val))

    @classmethod
    def translate_dict(cls, val):
        # As text: what stands in it is data, not code.
        return f"serde_json::from_str::<serde_json::Value>({cls.translate_str(json.dumps(val, default=str))}).unwrap()"

    @classmethod
    def comment(cls, cmt_str):
        return "// " + " ".join(str(cmt_str).split())

    @classmethod
    def assign(cls, name, str_val):
        if not NAME.match(name) or name in KEYWORDS:
            raise PapermillException(f"{name!r} is no name of a Rust variable")
        return f"let {name} = {str_val};"

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        lines = [cls.assign(name, cls.translate(value)) for name, value in parameters.items()]
        return "\n".join([cls.comment(comment), *lines, ""])


papermill_translators.register("rust", RustTranslator)


class Engine(NBClientEngine):
    """papermill's own engine: that this is one gets the translator registered."""
