"""Writes the widget models of the ipywidgets that runs this, as Rust, and their first states, as JSON.

    python widgets.py rust      the models and the types that nobody wrote by hand
    python widgets.py states    what a new widget of each model sends, for the test that compares

`cargo xtask codegen` calls both.
"""

import json
import sys

import ipywidgets
from ipywidgets.widgets.widget import _registry, _remove_buffers

CONTROLS = "@jupyter-widgets/controls"

# Types that are written by hand, on the models that are made here.
BY_HAND = {
    "Accordion", "Button", "ButtonStyle", "Combobox", "DescriptionStyle", "Dropdown", "HBox", "HTML", "HTMLStyle",
    "IntProgress", "Label", "LabelStyle", "Layout", "Output", "ProgressStyle", "Select", "SelectMultiple", "Text",
    "TextStyle", "Textarea", "VBox",
    # A model that nobody sees by itself.
    "Media",
}  # fmt: skip
# Said by hand, with what the values mean.
NO_SETTER = {
    "_dom_classes", "_options_labels", "allowed_tags", "axes", "buttons", "children", "description", "disabled",
    "icons", "index", "loop", "max", "min", "outputs", "selected_index", "source", "tabbable", "target", "titles", "tooltip",
    "tooltips", "value",
}  # fmt: skip
# What a page alone knows.
ONLY_PAGES = {"Controller", "ControllerAxis", "ControllerButton"}
ENUMS = {"box_style": "BoxStyle", "orientation": "Orientation", "button_style": "ButtonKind", "bar_style": "BarStyle", "behavior": "Behavior"}
ABOUT = {
    "Audio": "Sound that a page plays.",
    "BoundedFloatText": "A field for a number between two others.",
    "BoundedIntText": "A field for a whole number between two others.",
    "Box": "Widgets in a flex box: as they come, unless the layout says otherwise.",
    "Checkbox": "A box to tick, with its text behind it.",
    "CheckboxStyle": "Colours of a [`Checkbox`].",
    "ColorPicker": "A field for a colour.",
    "ColorsInput": "A field for several colours.",
    "Controller": "A game controller that is plugged in where the page is.",
    "ControllerAxis": "An axis of a [`Controller`].",
    "ControllerButton": "A button of a [`Controller`].",
    "DatePicker": "A field for a day.",
    "DatetimePicker": "A field for a moment; the page shows it in its own zone.",
    "DirectionalLink": "A trait that follows another one, in the page.",
    "FileUpload": "A button that takes files from the reader's machine.",
    "FloatLogSlider": "A slider whose steps are exponents.",
    "FloatProgress": "A bar that shows how far something has come.",
    "FloatRangeSlider": "A slider with two ends.",
    "FloatSlider": "A slider between two numbers.",
    "FloatText": "A field for a number.",
    "FloatsInput": "A field for several numbers.",
    "GridBox": "Widgets in a CSS grid; the layout says which.",
    "HTMLMath": "HTML with formulas between dollar signs.",
    "HTMLMathStyle": "Colours and type of [`HtmlMath`].",
    "Image": "A picture.",
    "IntRangeSlider": "A slider over whole numbers with two ends.",
    "IntSlider": "A slider between two whole numbers.",
    "IntText": "A field for a whole number.",
    "IntsInput": "A field for several whole numbers.",
    "Link": "Two traits that stay equal, in the page.",
    "NaiveDatetimePicker": "A field for a day and a time, in no zone.",
    "Password": "A field whose text is not shown.",
    "Play": "Buttons that count, step by step.",
    "RadioButtons": "Entries below each other, one of which is chosen.",
    "SelectionRangeSlider": "A slider over entries with two ends.",
    "SelectionSlider": "A slider over entries.",
    "SliderStyle": "Colours of sliders.",
    "Stack": "Widgets of which one is shown, or none.",
    "Tab": "Widgets under tabs.",
    "TagsInput": "A field for several words.",
    "TimePicker": "A field for a time of day.",
    "ToggleButton": "A button that stays down.",
    "ToggleButtonStyle": "Type of a [`ToggleButton`].",
    "ToggleButtons": "Buttons of which one is down.",
    "ToggleButtonsStyle": "Type of [`ToggleButtons`].",
    "Valid": "A mark for right or wrong.",
    "Video": "A film that a page plays.",
}


def classes():
    """The models by name, each once."""
    found = {}
    for versions in _registry._registry.values():
        for models in versions.values():
            for views in models.values():
                for versions_of_view in views.values():
                    for names in versions_of_view.values():
                        for cls in names.values():
                            found[cls._model_name.default_value] = cls
    return dict(sorted(found.items()))


def called(cls):
    """The name of its Rust type, but for capitals: some Python classes share theirs."""
    name = cls._model_name.default_value.removesuffix("Model")
    return {
        "Datetime": "DatetimePicker",
        "DOMWidget": "Media",
        "NaiveDatetime": "NaiveDatetimePicker",
        "Time": "TimePicker",
    }.get(name, name)


def made(cls):
    """A new one."""
    if issubclass(cls, ipywidgets.widgets.widget_link.Link):
        one, other = ipywidgets.IntSlider(), ipywidgets.IntSlider()
        return cls((one, "value"), (other, "value"))
    if called(cls) in ("SelectionSlider", "SelectionRangeSlider"):
        return cls(options=["a", "b"])
    return cls()


def kind(cls, name, trait, default):
    """The Rust kind of a trait, with its first value."""
    text = lambda value: json.dumps(value, ensure_ascii=True)  # noqa: E731
    of = type(trait).__name__
    null = trait.allow_none
    chosen = "_options_labels" in cls.class_traits()
    if name == "index" and chosen:
        return {"Int": "IndexOf(LABELS)"}.get(of) or {
            "SelectMultiple": "IndicesOf(LABELS)",
            "SelectionRangeSlider": "IndexPairOf(LABELS)",
        }.get(called(cls), "IndexOf(LABELS)")
    if name == "selected_index":
        return "IndexOf(CHILDREN)"
    if of in ("CaselessStrEnum", "Enum"):
        names = ", ".join(text(value) for value in trait.values)
        first = "None" if default is None else f"Some({text(default)})"
        return f"OneOfOrNull({first}, &[{names}])" if null else f"OneOf({text(default)}, &[{names}])"
    if of in ("Bool", "CBool"):
        return "BoolOrNull" if null else f"Bool({str(default).lower()})"
    if of in ("Int", "CInt"):
        return f"IntOrNull({some(default)})" if null else f"Int({default})"
    if of in ("Float", "CFloat"):
        return f"FloatOrNull({some(default and float(default))})" if null else f"Float({float(default)!r})"
    if of == "Color":
        return "ColorOrNull" if null else f"Color({rust(default)})"
    if of in ("Unicode", "CUnicode", "NumberFormat", "InstanceString"):
        assert not (null and default is not None), (cls, name)
        return "TextOrNull" if null else f"Text({rust(default)})"
    if of in ("Date", "Time", "Datetime", "NaiveDatetime"):
        return {"Date": "DateOrNull", "Time": "TimeOrNull"}.get(of, "DatetimeOrNull")
    if of == "CByteMemoryView":
        return "Bytes"
    if of == "WidgetTraitTuple":
        return "End"
    if of == "Union":
        return f"Step({float(default)!r})" if isinstance(default, float) else f"WholeStep({default})"
    if name == "children":
        return "Widgets"
    if name in ("axes", "buttons"):
        return "PageWidgets"
    if name == "outputs":
        return "Outputs"
    if called(cls) == "FileUpload" and name == "value":
        return "Files"
    if name == "value":
        values = {"IntRangeSlider": "IntPair", "FloatRangeSlider": "FloatPair"}.get(called(cls))
        if values:
            return f"{values}({default[0]!r}, {default[1]!r})"
        return {"TagsInput": "Words", "ColorsInput": "Colors", "IntsInput": "Ints", "FloatsInput": "Floats"}[called(cls)]
    return "Texts"


def some(value):
    return "None" if value is None else f"Some({value!r})"


def rust(text):
    """A Rust literal."""
    escaped = "".join(c if " " <= c <= "~" and c not in '"\\' else f"\\u{{{ord(c):x}}}" for c in text)
    return f'"{escaped}"'


def type_name(cls):
    # Imported with all others it would hide the standard library's.
    if called(cls) == "Box":
        return "FlexBox"
    return called(cls).replace("HTML", "Html")


def constant(cls):
    if called(cls) == "Box":
        return "BOX"
    name = "".join(f"_{c}" if c.isupper() and at and not type_name(cls)[at - 1].isupper() else c for at, c in enumerate(type_name(cls)))
    return name.upper()


def variant(text):
    return "".join(part.capitalize() for part in text.replace("_", "-").replace(" ", "-").split("-")) or "Plain"


SETTERS = {"Text": "text", "Bool": "bool", "Int": "int", "Float": "float", "TextOrNull": "text", "Color": "color", "ColorOrNull": "color", "IntOrNull": "int", "FloatOrNull": "float"}


def emit():
    models = classes()
    out = [
        "//! The models of ipywidgets, and the types of those that have nothing of their own to say.",
        "//!",
        f"//! Made by `cargo xtask codegen` of ipywidgets {ipywidgets.__version__}, not by hand.",
        "",
        "use crate::spec::Kind::*;",
        "use crate::spec::{CHILDREN, LABELS, Spec};",
        "use crate::widgets::*;",
        "use crate::widgets::{choice, handle, setters, style_of};",
        "",
    ]
    handles, enums = [], {}
    for model, cls in models.items():
        widget = made(cls)
        state = widget.get_state()
        traits = cls.class_traits(sync=True)
        named = lambda name: rust(state[name]) if state[name] is not None else None  # noqa: E731
        view = named("_view_name")
        style = getattr(widget, "style", None)
        out += [
            f"pub(crate) static {constant(cls)}: Spec = Spec {{",
            f"    model: ({named('_model_module')}, {named('_model_module_version')}, {rust(model)}),",
            f"    view: ({named('_view_module')}, {named('_view_module_version')}, {f'Some({view})' if view else 'None'}),",
            f"    has_layout: {str('layout' in traits).lower()},",
            f"    style: {f'Some(&{constant(type(style))})' if style is not None else 'None'},",
            "    traits: &[",
        ]
        setters = []
        for name, trait in sorted(traits.items()):
            if name in ("layout", "style") or name.startswith(("_model", "_view")):
                continue
            of = kind(cls, name, trait, state.get(name))
            out.append(f"        ({rust(name)}, {of}),")
            if type(trait).__name__ in ("CaselessStrEnum", "Enum"):
                default = state[name]
                if called(cls) == "Layout":
                    enums.setdefault(variant(name), (None, trait.values))
                elif name in ENUMS:
                    if ENUMS[name] == "Behavior":
                        enums["Behavior"] = (default, trait.values)
                    setters.append((name, f"choice({ENUMS[name]})", default))
            elif name not in NO_SETTER and of.split("(")[0] in SETTERS:
                setters.append((name, SETTERS[of.split("(")[0]], state[name]))
        out += ["    ],", "};", ""]
        if called(cls) in BY_HAND or called(cls) in ("Link", "DirectionalLink"):
            continue
        words = [type_name(cls)]
        if "layout" in traits:
            words.append("visible")
            if "description" in traits:
                words.append("described")
            if "disabled" in traits:
                words.append("disabled")
            if style is not None:
                words.append(f"styled({type_name(type(style))})")
        handles += ["handle! {", f"    /// {ABOUT[called(cls)]}", f"    {', '.join(words)}", "}", ""]
        if called(cls).endswith("Style"):
            handles += [f"style_of!({type_name(cls)}, {constant(cls)});", ""]
        if setters and called(cls) not in ONLY_PAGES:
            handles.append(f"setters! {{ {type_name(cls)},")
            for name, way, default in setters:
                default = "unset" if default is None else f"`{json.dumps(default)}`"
                handles += [f"    /// Sets `{name}` ({default} at first).", f"    {name}: {way},"]
            handles += ["}", ""]
    constants = ", ".join(f"&{constant(cls)}" for cls in models.values())
    out += ["/// All of them.", f"pub(crate) static ALL: [&Spec; {len(models)}] = [{constants}];", ""]
    for name, (default, values) in sorted(enums.items()):
        about = "What a slider does on a click and on a drag." if name == "Behavior" else f"What `{name}` of a [`Layout`](crate::Layout) may be."
        handles += ["choice! {", f"    /// {about}", f"    {name} {{"]
        for at, value in enumerate(values):
            if value == default or (default is None and at == 0):
                handles.append("        #[default]")
            handles.append(f"        {variant(value)} = {rust(value)},")
        handles += ["    }", "}", ""]
    handles = "\n".join(handles)
    return "\n".join(out) + "\n" + handles


def states():
    """By model: the state of a new one, with the names of models for their ids, and where its bytes were."""
    found = {"_source": f"ipywidgets {ipywidgets.__version__}, cargo xtask codegen"}
    for model, cls in classes().items():
        widget = made(cls)
        state, paths, _ = _remove_buffers(widget.get_state())
        known = {one.model_id: one._model_name for one in ipywidgets.widgets.widget._instances.values()}

        def named(value):
            if isinstance(value, str) and value.startswith("IPY_MODEL_"):
                return "IPY_MODEL_" + known[value.removeprefix("IPY_MODEL_")]
            return [named(one) for one in value] if isinstance(value, (list, tuple)) else value

        found[model] = {"state": {name: named(value) for name, value in sorted(state.items())}, "buffer_paths": paths}
    return json.dumps(found, indent=1, ensure_ascii=True)


if __name__ == "__main__":
    print({"rust": emit, "states": states}[sys.argv[1]]())
