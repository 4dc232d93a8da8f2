//! The models of ipywidgets, and the types of those that have nothing of their own to say.
//!
//! Made by `cargo xtask codegen` of ipywidgets 8.1.9, not by hand.

use crate::spec::Kind::*;
use crate::spec::{CHILDREN, LABELS, Spec};
use crate::widgets::*;
use crate::widgets::{choice, handle, setters, style_of};

pub(crate) static ACCORDION: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "AccordionModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("AccordionView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("box_style", OneOf("", &["success", "info", "warning", "danger", ""])),
        ("children", Widgets),
        ("selected_index", IndexOf(CHILDREN)),
        ("tabbable", BoolOrNull),
        ("titles", Texts),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static AUDIO: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "AudioModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("AudioView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("autoplay", Bool(true)),
        ("controls", Bool(true)),
        ("format", Text("mp3")),
        ("loop", Bool(true)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Bytes),
    ],
};

pub(crate) static BOUNDED_FLOAT_TEXT: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "BoundedFloatTextModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("FloatTextView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("continuous_update", Bool(false)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("max", Float(100.0)),
        ("min", Float(0.0)),
        ("step", FloatOrNull(None)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Float(0.0)),
    ],
};

pub(crate) static BOUNDED_INT_TEXT: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "BoundedIntTextModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("IntTextView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("continuous_update", Bool(false)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("max", Int(100)),
        ("min", Int(0)),
        ("step", Int(1)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Int(0)),
    ],
};

pub(crate) static BOX: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "BoxModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("BoxView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("box_style", OneOf("", &["success", "info", "warning", "danger", ""])),
        ("children", Widgets),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static BUTTON: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ButtonModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("ButtonView")),
    has_layout: true,
    style: Some(&BUTTON_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("button_style", OneOf("", &["primary", "success", "info", "warning", "danger", ""])),
        ("description", Text("")),
        ("disabled", Bool(false)),
        ("icon", Text("")),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static BUTTON_STYLE: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ButtonStyleModel"),
    view: ("@jupyter-widgets/base", "2.0.0", Some("StyleView")),
    has_layout: false,
    style: None,
    traits: &[
        ("button_color", ColorOrNull),
        ("font_family", TextOrNull),
        ("font_size", TextOrNull),
        ("font_style", TextOrNull),
        ("font_variant", TextOrNull),
        ("font_weight", TextOrNull),
        ("text_color", TextOrNull),
        ("text_decoration", TextOrNull),
    ],
};

pub(crate) static CHECKBOX: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "CheckboxModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("CheckboxView")),
    has_layout: true,
    style: Some(&CHECKBOX_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("indent", Bool(true)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Bool(false)),
    ],
};

pub(crate) static CHECKBOX_STYLE: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "CheckboxStyleModel"),
    view: ("@jupyter-widgets/base", "2.0.0", Some("StyleView")),
    has_layout: false,
    style: None,
    traits: &[("background", TextOrNull), ("description_width", Text(""))],
};

pub(crate) static COLOR_PICKER: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ColorPickerModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("ColorPickerView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("concise", Bool(false)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Color("black")),
    ],
};

pub(crate) static COLORS_INPUT: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ColorsInputModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("ColorsInputView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("allow_duplicates", Bool(true)),
        ("allowed_tags", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("placeholder", Text("\u{200b}")),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Colors),
    ],
};

pub(crate) static COMBOBOX: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ComboboxModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("ComboboxView")),
    has_layout: true,
    style: Some(&TEXT_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("continuous_update", Bool(true)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("ensure_option", Bool(false)),
        ("options", Texts),
        ("placeholder", Text("\u{200b}")),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Text("")),
    ],
};

pub(crate) static CONTROLLER_AXIS: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ControllerAxisModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("ControllerAxisView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Float(0.0)),
    ],
};

pub(crate) static CONTROLLER_BUTTON: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ControllerButtonModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("ControllerButtonView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("pressed", Bool(false)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Float(0.0)),
    ],
};

pub(crate) static CONTROLLER: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ControllerModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("ControllerView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("axes", PageWidgets),
        ("buttons", PageWidgets),
        ("connected", Bool(false)),
        ("index", Int(0)),
        ("mapping", Text("")),
        ("name", Text("")),
        ("tabbable", BoolOrNull),
        ("timestamp", Float(0.0)),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static MEDIA: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "DOMWidgetModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", None),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Bytes),
    ],
};

pub(crate) static DATE_PICKER: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "DatePickerModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("DatePickerView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("max", DateOrNull),
        ("min", DateOrNull),
        ("step", WholeStep(1)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", DateOrNull),
    ],
};

pub(crate) static DATETIME_PICKER: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "DatetimeModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("DatetimeView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("max", DatetimeOrNull),
        ("min", DatetimeOrNull),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", DatetimeOrNull),
    ],
};

pub(crate) static DESCRIPTION_STYLE: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "DescriptionStyleModel"),
    view: ("@jupyter-widgets/base", "2.0.0", Some("StyleView")),
    has_layout: false,
    style: None,
    traits: &[("description_width", Text(""))],
};

pub(crate) static DIRECTIONAL_LINK: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "DirectionalLinkModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", None),
    has_layout: false,
    style: None,
    traits: &[("source", End), ("target", End)],
};

pub(crate) static DROPDOWN: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "DropdownModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("DropdownView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("_options_labels", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("index", IndexOf(LABELS)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static FILE_UPLOAD: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "FileUploadModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("FileUploadView")),
    has_layout: true,
    style: Some(&BUTTON_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("accept", Text("")),
        ("button_style", OneOf("", &["primary", "success", "info", "warning", "danger", ""])),
        ("description", Text("Upload")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("error", Text("")),
        ("icon", Text("upload")),
        ("multiple", Bool(false)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Files),
    ],
};

pub(crate) static FLOAT_LOG_SLIDER: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "FloatLogSliderModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("FloatLogSliderView")),
    has_layout: true,
    style: Some(&SLIDER_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("base", Float(10.0)),
        ("behavior", OneOf("drag-tap", &["drag-tap", "drag-snap", "tap", "drag", "snap"])),
        ("continuous_update", Bool(true)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("max", Float(4.0)),
        ("min", Float(0.0)),
        ("orientation", OneOf("horizontal", &["horizontal", "vertical"])),
        ("readout", Bool(true)),
        ("readout_format", Text(".3g")),
        ("step", FloatOrNull(Some(0.1))),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Float(1.0)),
    ],
};

pub(crate) static FLOAT_PROGRESS: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "FloatProgressModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("ProgressView")),
    has_layout: true,
    style: Some(&PROGRESS_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("bar_style", OneOfOrNull(Some(""), &["success", "info", "warning", "danger", ""])),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("max", Float(100.0)),
        ("min", Float(0.0)),
        ("orientation", OneOf("horizontal", &["horizontal", "vertical"])),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Float(0.0)),
    ],
};

pub(crate) static FLOAT_RANGE_SLIDER: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "FloatRangeSliderModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("FloatRangeSliderView")),
    has_layout: true,
    style: Some(&SLIDER_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("behavior", OneOf("drag-tap", &["drag-tap", "drag-snap", "tap", "drag", "snap"])),
        ("continuous_update", Bool(true)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("max", Float(100.0)),
        ("min", Float(0.0)),
        ("orientation", OneOf("horizontal", &["horizontal", "vertical"])),
        ("readout", Bool(true)),
        ("readout_format", Text(".2f")),
        ("step", FloatOrNull(Some(0.1))),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", FloatPair(25.0, 75.0)),
    ],
};

pub(crate) static FLOAT_SLIDER: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "FloatSliderModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("FloatSliderView")),
    has_layout: true,
    style: Some(&SLIDER_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("behavior", OneOf("drag-tap", &["drag-tap", "drag-snap", "tap", "drag", "snap"])),
        ("continuous_update", Bool(true)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("max", Float(100.0)),
        ("min", Float(0.0)),
        ("orientation", OneOf("horizontal", &["horizontal", "vertical"])),
        ("readout", Bool(true)),
        ("readout_format", Text(".2f")),
        ("step", FloatOrNull(Some(0.1))),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Float(0.0)),
    ],
};

pub(crate) static FLOAT_TEXT: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "FloatTextModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("FloatTextView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("continuous_update", Bool(false)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("step", FloatOrNull(None)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Float(0.0)),
    ],
};

pub(crate) static FLOATS_INPUT: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "FloatsInputModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("FloatsInputView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("allow_duplicates", Bool(true)),
        ("allowed_tags", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("format", Text(".1f")),
        ("max", FloatOrNull(None)),
        ("min", FloatOrNull(None)),
        ("placeholder", Text("\u{200b}")),
        ("tabbable", BoolOrNull),
        ("tag_style", OneOf("", &["primary", "success", "info", "warning", "danger", ""])),
        ("tooltip", TextOrNull),
        ("value", Floats),
    ],
};

pub(crate) static GRID_BOX: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "GridBoxModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("GridBoxView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("box_style", OneOf("", &["success", "info", "warning", "danger", ""])),
        ("children", Widgets),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static HBOX: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "HBoxModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("HBoxView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("box_style", OneOf("", &["success", "info", "warning", "danger", ""])),
        ("children", Widgets),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static HTML_MATH: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "HTMLMathModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("HTMLMathView")),
    has_layout: true,
    style: Some(&HTML_MATH_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("placeholder", Text("\u{200b}")),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Text("")),
    ],
};

pub(crate) static HTML_MATH_STYLE: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "HTMLMathStyleModel"),
    view: ("@jupyter-widgets/base", "2.0.0", Some("StyleView")),
    has_layout: false,
    style: None,
    traits: &[
        ("background", TextOrNull),
        ("description_width", Text("")),
        ("font_size", TextOrNull),
        ("text_color", ColorOrNull),
    ],
};

pub(crate) static HTML: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "HTMLModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("HTMLView")),
    has_layout: true,
    style: Some(&HTML_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("placeholder", Text("\u{200b}")),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Text("")),
    ],
};

pub(crate) static HTML_STYLE: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "HTMLStyleModel"),
    view: ("@jupyter-widgets/base", "2.0.0", Some("StyleView")),
    has_layout: false,
    style: None,
    traits: &[
        ("background", TextOrNull),
        ("description_width", Text("")),
        ("font_size", TextOrNull),
        ("text_color", ColorOrNull),
    ],
};

pub(crate) static IMAGE: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ImageModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("ImageView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("format", Text("png")),
        ("height", Text("")),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Bytes),
        ("width", Text("")),
    ],
};

pub(crate) static INT_PROGRESS: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "IntProgressModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("ProgressView")),
    has_layout: true,
    style: Some(&PROGRESS_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("bar_style", OneOf("", &["success", "info", "warning", "danger", ""])),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("max", Int(100)),
        ("min", Int(0)),
        ("orientation", OneOf("horizontal", &["horizontal", "vertical"])),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Int(0)),
    ],
};

pub(crate) static INT_RANGE_SLIDER: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "IntRangeSliderModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("IntRangeSliderView")),
    has_layout: true,
    style: Some(&SLIDER_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("behavior", OneOf("drag-tap", &["drag-tap", "drag-snap", "tap", "drag", "snap"])),
        ("continuous_update", Bool(true)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("max", Int(100)),
        ("min", Int(0)),
        ("orientation", OneOf("horizontal", &["horizontal", "vertical"])),
        ("readout", Bool(true)),
        ("readout_format", Text("d")),
        ("step", Int(1)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", IntPair(25, 75)),
    ],
};

pub(crate) static INT_SLIDER: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "IntSliderModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("IntSliderView")),
    has_layout: true,
    style: Some(&SLIDER_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("behavior", OneOf("drag-tap", &["drag-tap", "drag-snap", "tap", "drag", "snap"])),
        ("continuous_update", Bool(true)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("max", Int(100)),
        ("min", Int(0)),
        ("orientation", OneOf("horizontal", &["horizontal", "vertical"])),
        ("readout", Bool(true)),
        ("readout_format", Text("d")),
        ("step", Int(1)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Int(0)),
    ],
};

pub(crate) static INT_TEXT: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "IntTextModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("IntTextView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("continuous_update", Bool(false)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("step", Int(1)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Int(0)),
    ],
};

pub(crate) static INTS_INPUT: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "IntsInputModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("IntsInputView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("allow_duplicates", Bool(true)),
        ("allowed_tags", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("format", Text("d")),
        ("max", IntOrNull(None)),
        ("min", IntOrNull(None)),
        ("placeholder", Text("\u{200b}")),
        ("tabbable", BoolOrNull),
        ("tag_style", OneOf("", &["primary", "success", "info", "warning", "danger", ""])),
        ("tooltip", TextOrNull),
        ("value", Ints),
    ],
};

pub(crate) static LABEL: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "LabelModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("LabelView")),
    has_layout: true,
    style: Some(&LABEL_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("placeholder", Text("\u{200b}")),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Text("")),
    ],
};

pub(crate) static LABEL_STYLE: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "LabelStyleModel"),
    view: ("@jupyter-widgets/base", "2.0.0", Some("StyleView")),
    has_layout: false,
    style: None,
    traits: &[
        ("background", TextOrNull),
        ("description_width", Text("")),
        ("font_family", TextOrNull),
        ("font_size", TextOrNull),
        ("font_style", TextOrNull),
        ("font_variant", TextOrNull),
        ("font_weight", TextOrNull),
        ("text_color", ColorOrNull),
        ("text_decoration", TextOrNull),
    ],
};

pub(crate) static LAYOUT: Spec = Spec {
    model: ("@jupyter-widgets/base", "2.0.0", "LayoutModel"),
    view: ("@jupyter-widgets/base", "2.0.0", Some("LayoutView")),
    has_layout: false,
    style: None,
    traits: &[
        (
            "align_content",
            OneOfOrNull(
                None,
                &[
                    "flex-start",
                    "flex-end",
                    "center",
                    "space-between",
                    "space-around",
                    "space-evenly",
                    "stretch",
                    "inherit",
                    "initial",
                    "unset",
                ],
            ),
        ),
        (
            "align_items",
            OneOfOrNull(
                None,
                &[
                    "flex-start",
                    "flex-end",
                    "center",
                    "baseline",
                    "stretch",
                    "inherit",
                    "initial",
                    "unset",
                ],
            ),
        ),
        (
            "align_self",
            OneOfOrNull(
                None,
                &[
                    "auto",
                    "flex-start",
                    "flex-end",
                    "center",
                    "baseline",
                    "stretch",
                    "inherit",
                    "initial",
                    "unset",
                ],
            ),
        ),
        ("border_bottom", TextOrNull),
        ("border_left", TextOrNull),
        ("border_right", TextOrNull),
        ("border_top", TextOrNull),
        ("bottom", TextOrNull),
        ("display", TextOrNull),
        ("flex", TextOrNull),
        ("flex_flow", TextOrNull),
        ("grid_area", TextOrNull),
        ("grid_auto_columns", TextOrNull),
        (
            "grid_auto_flow",
            OneOfOrNull(
                None,
                &["column", "row", "row dense", "column dense", "inherit", "initial", "unset"],
            ),
        ),
        ("grid_auto_rows", TextOrNull),
        ("grid_column", TextOrNull),
        ("grid_gap", TextOrNull),
        ("grid_row", TextOrNull),
        ("grid_template_areas", TextOrNull),
        ("grid_template_columns", TextOrNull),
        ("grid_template_rows", TextOrNull),
        ("height", TextOrNull),
        (
            "justify_content",
            OneOfOrNull(
                None,
                &[
                    "flex-start",
                    "flex-end",
                    "center",
                    "space-between",
                    "space-around",
                    "inherit",
                    "initial",
                    "unset",
                ],
            ),
        ),
        (
            "justify_items",
            OneOfOrNull(None, &["flex-start", "flex-end", "center", "inherit", "initial", "unset"]),
        ),
        ("left", TextOrNull),
        ("margin", TextOrNull),
        ("max_height", TextOrNull),
        ("max_width", TextOrNull),
        ("min_height", TextOrNull),
        ("min_width", TextOrNull),
        ("object_fit", OneOfOrNull(None, &["contain", "cover", "fill", "scale-down", "none"])),
        ("object_position", TextOrNull),
        ("order", TextOrNull),
        ("overflow", TextOrNull),
        ("padding", TextOrNull),
        ("right", TextOrNull),
        ("top", TextOrNull),
        ("visibility", OneOfOrNull(None, &["visible", "hidden", "inherit", "initial", "unset"])),
        ("width", TextOrNull),
    ],
};

pub(crate) static LINK: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "LinkModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", None),
    has_layout: false,
    style: None,
    traits: &[("source", End), ("target", End)],
};

pub(crate) static NAIVE_DATETIME_PICKER: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "NaiveDatetimeModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("DatetimeView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("max", DatetimeOrNull),
        ("min", DatetimeOrNull),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", DatetimeOrNull),
    ],
};

pub(crate) static OUTPUT: Spec = Spec {
    model: ("@jupyter-widgets/output", "1.0.0", "OutputModel"),
    view: ("@jupyter-widgets/output", "1.0.0", Some("OutputView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("msg_id", Text("")),
        ("outputs", Outputs),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static PASSWORD: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "PasswordModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("PasswordView")),
    has_layout: true,
    style: Some(&TEXT_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("continuous_update", Bool(true)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("placeholder", Text("\u{200b}")),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Text("")),
    ],
};

pub(crate) static PLAY: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "PlayModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("PlayView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("interval", Int(100)),
        ("max", Int(100)),
        ("min", Int(0)),
        ("playing", Bool(false)),
        ("repeat", Bool(false)),
        ("show_repeat", Bool(true)),
        ("step", Int(1)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Int(0)),
    ],
};

pub(crate) static PROGRESS_STYLE: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ProgressStyleModel"),
    view: ("@jupyter-widgets/base", "2.0.0", Some("StyleView")),
    has_layout: false,
    style: None,
    traits: &[("bar_color", ColorOrNull), ("description_width", Text(""))],
};

pub(crate) static RADIO_BUTTONS: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "RadioButtonsModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("RadioButtonsView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("_options_labels", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("index", IndexOf(LABELS)),
        ("orientation", OneOf("vertical", &["horizontal", "vertical"])),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static SELECT: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "SelectModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("SelectView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("_options_labels", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("index", IndexOf(LABELS)),
        ("rows", Int(5)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static SELECT_MULTIPLE: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "SelectMultipleModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("SelectMultipleView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("_options_labels", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("index", IndicesOf(LABELS)),
        ("rows", Int(5)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static SELECTION_RANGE_SLIDER: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "SelectionRangeSliderModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("SelectionRangeSliderView")),
    has_layout: true,
    style: Some(&SLIDER_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("_options_labels", Texts),
        ("behavior", OneOf("drag-tap", &["drag-tap", "drag-snap", "tap", "drag", "snap"])),
        ("continuous_update", Bool(true)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("index", IndexPairOf(LABELS)),
        ("orientation", OneOf("horizontal", &["horizontal", "vertical"])),
        ("readout", Bool(true)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static SELECTION_SLIDER: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "SelectionSliderModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("SelectionSliderView")),
    has_layout: true,
    style: Some(&SLIDER_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("_options_labels", Texts),
        ("behavior", OneOf("drag-tap", &["drag-tap", "drag-snap", "tap", "drag", "snap"])),
        ("continuous_update", Bool(true)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("index", IndexOf(LABELS)),
        ("orientation", OneOf("horizontal", &["horizontal", "vertical"])),
        ("readout", Bool(true)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static SLIDER_STYLE: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "SliderStyleModel"),
    view: ("@jupyter-widgets/base", "2.0.0", Some("StyleView")),
    has_layout: false,
    style: None,
    traits: &[("description_width", Text("")), ("handle_color", ColorOrNull)],
};

pub(crate) static STACK: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "StackModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("StackView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("box_style", OneOf("", &["success", "info", "warning", "danger", ""])),
        ("children", Widgets),
        ("selected_index", IndexOf(CHILDREN)),
        ("tabbable", BoolOrNull),
        ("titles", Texts),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static TAB: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "TabModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("TabView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("box_style", OneOf("", &["success", "info", "warning", "danger", ""])),
        ("children", Widgets),
        ("selected_index", IndexOf(CHILDREN)),
        ("tabbable", BoolOrNull),
        ("titles", Texts),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static TAGS_INPUT: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "TagsInputModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("TagsInputView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("allow_duplicates", Bool(true)),
        ("allowed_tags", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("placeholder", Text("\u{200b}")),
        ("tabbable", BoolOrNull),
        ("tag_style", OneOf("", &["primary", "success", "info", "warning", "danger", ""])),
        ("tooltip", TextOrNull),
        ("value", Words),
    ],
};

pub(crate) static TEXT: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "TextModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("TextView")),
    has_layout: true,
    style: Some(&TEXT_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("continuous_update", Bool(true)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("placeholder", Text("\u{200b}")),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Text("")),
    ],
};

pub(crate) static TEXT_STYLE: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "TextStyleModel"),
    view: ("@jupyter-widgets/base", "2.0.0", Some("StyleView")),
    has_layout: false,
    style: None,
    traits: &[
        ("background", TextOrNull),
        ("description_width", Text("")),
        ("font_size", TextOrNull),
        ("text_color", ColorOrNull),
    ],
};

pub(crate) static TEXTAREA: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "TextareaModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("TextareaView")),
    has_layout: true,
    style: Some(&TEXT_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("continuous_update", Bool(true)),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("placeholder", Text("\u{200b}")),
        ("rows", IntOrNull(None)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Text("")),
    ],
};

pub(crate) static TIME_PICKER: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "TimeModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("TimeView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("max", TimeOrNull),
        ("min", TimeOrNull),
        ("step", Step(60.0)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", TimeOrNull),
    ],
};

pub(crate) static TOGGLE_BUTTON: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ToggleButtonModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("ToggleButtonView")),
    has_layout: true,
    style: Some(&TOGGLE_BUTTON_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("button_style", OneOf("", &["primary", "success", "info", "warning", "danger", ""])),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("icon", Text("")),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Bool(false)),
    ],
};

pub(crate) static TOGGLE_BUTTON_STYLE: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ToggleButtonStyleModel"),
    view: ("@jupyter-widgets/base", "2.0.0", Some("StyleView")),
    has_layout: false,
    style: None,
    traits: &[
        ("description_width", Text("")),
        ("font_family", TextOrNull),
        ("font_size", TextOrNull),
        ("font_style", TextOrNull),
        ("font_variant", TextOrNull),
        ("font_weight", TextOrNull),
        ("text_color", ColorOrNull),
        ("text_decoration", TextOrNull),
    ],
};

pub(crate) static TOGGLE_BUTTONS: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ToggleButtonsModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("ToggleButtonsView")),
    has_layout: true,
    style: Some(&TOGGLE_BUTTONS_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("_options_labels", Texts),
        (
            "button_style",
            OneOfOrNull(Some(""), &["primary", "success", "info", "warning", "danger", ""]),
        ),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("icons", Texts),
        ("index", IndexOf(LABELS)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("tooltips", Texts),
    ],
};

pub(crate) static TOGGLE_BUTTONS_STYLE: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ToggleButtonsStyleModel"),
    view: ("@jupyter-widgets/base", "2.0.0", Some("StyleView")),
    has_layout: false,
    style: None,
    traits: &[
        ("button_width", Text("")),
        ("description_width", Text("")),
        ("font_weight", Text("")),
    ],
};

pub(crate) static VBOX: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "VBoxModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("VBoxView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("box_style", OneOf("", &["success", "info", "warning", "danger", ""])),
        ("children", Widgets),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
    ],
};

pub(crate) static VALID: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "ValidModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("ValidView")),
    has_layout: true,
    style: Some(&DESCRIPTION_STYLE),
    traits: &[
        ("_dom_classes", Texts),
        ("description", Text("")),
        ("description_allow_html", Bool(false)),
        ("disabled", Bool(false)),
        ("readout", Text("Invalid")),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Bool(false)),
    ],
};

pub(crate) static VIDEO: Spec = Spec {
    model: ("@jupyter-widgets/controls", "2.0.0", "VideoModel"),
    view: ("@jupyter-widgets/controls", "2.0.0", Some("VideoView")),
    has_layout: true,
    style: None,
    traits: &[
        ("_dom_classes", Texts),
        ("autoplay", Bool(true)),
        ("controls", Bool(true)),
        ("format", Text("mp4")),
        ("height", Text("")),
        ("loop", Bool(true)),
        ("tabbable", BoolOrNull),
        ("tooltip", TextOrNull),
        ("value", Bytes),
        ("width", Text("")),
    ],
};

/// All of them.
pub(crate) static ALL: [&Spec; 69] = [
    &ACCORDION,
    &AUDIO,
    &BOUNDED_FLOAT_TEXT,
    &BOUNDED_INT_TEXT,
    &BOX,
    &BUTTON,
    &BUTTON_STYLE,
    &CHECKBOX,
    &CHECKBOX_STYLE,
    &COLOR_PICKER,
    &COLORS_INPUT,
    &COMBOBOX,
    &CONTROLLER_AXIS,
    &CONTROLLER_BUTTON,
    &CONTROLLER,
    &MEDIA,
    &DATE_PICKER,
    &DATETIME_PICKER,
    &DESCRIPTION_STYLE,
    &DIRECTIONAL_LINK,
    &DROPDOWN,
    &FILE_UPLOAD,
    &FLOAT_LOG_SLIDER,
    &FLOAT_PROGRESS,
    &FLOAT_RANGE_SLIDER,
    &FLOAT_SLIDER,
    &FLOAT_TEXT,
    &FLOATS_INPUT,
    &GRID_BOX,
    &HBOX,
    &HTML_MATH,
    &HTML_MATH_STYLE,
    &HTML,
    &HTML_STYLE,
    &IMAGE,
    &INT_PROGRESS,
    &INT_RANGE_SLIDER,
    &INT_SLIDER,
    &INT_TEXT,
    &INTS_INPUT,
    &LABEL,
    &LABEL_STYLE,
    &LAYOUT,
    &LINK,
    &NAIVE_DATETIME_PICKER,
    &OUTPUT,
    &PASSWORD,
    &PLAY,
    &PROGRESS_STYLE,
    &RADIO_BUTTONS,
    &SELECT,
    &SELECT_MULTIPLE,
    &SELECTION_RANGE_SLIDER,
    &SELECTION_SLIDER,
    &SLIDER_STYLE,
    &STACK,
    &TAB,
    &TAGS_INPUT,
    &TEXT,
    &TEXT_STYLE,
    &TEXTAREA,
    &TIME_PICKER,
    &TOGGLE_BUTTON,
    &TOGGLE_BUTTON_STYLE,
    &TOGGLE_BUTTONS,
    &TOGGLE_BUTTONS_STYLE,
    &VBOX,
    &VALID,
    &VIDEO,
];

handle! {
    /// Sound that a page plays.
    Audio, visible
}

setters! { Audio,
    /// Sets `autoplay` (`true` at first).
    autoplay: bool,
    /// Sets `controls` (`true` at first).
    controls: bool,
    /// Sets `format` (`"mp3"` at first).
    format: text,
}

handle! {
    /// A field for a number between two others.
    BoundedFloatText, visible, described, disabled, styled(DescriptionStyle)
}

setters! { BoundedFloatText,
    /// Sets `continuous_update` (`false` at first).
    continuous_update: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `step` (unset at first).
    step: float,
}

handle! {
    /// A field for a whole number between two others.
    BoundedIntText, visible, described, disabled, styled(DescriptionStyle)
}

setters! { BoundedIntText,
    /// Sets `continuous_update` (`false` at first).
    continuous_update: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `step` (`1` at first).
    step: int,
}

handle! {
    /// Widgets in a flex box: as they come, unless the layout says otherwise.
    FlexBox, visible
}

setters! { FlexBox,
    /// Sets `box_style` (`""` at first).
    box_style: choice(BoxStyle),
}

handle! {
    /// A box to tick, with its text behind it.
    Checkbox, visible, described, disabled, styled(CheckboxStyle)
}

setters! { Checkbox,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `indent` (`true` at first).
    indent: bool,
}

handle! {
    /// Colours of a [`Checkbox`].
    CheckboxStyle
}

style_of!(CheckboxStyle, CHECKBOX_STYLE);

setters! { CheckboxStyle,
    /// Sets `background` (unset at first).
    background: text,
    /// Sets `description_width` (`""` at first).
    description_width: text,
}

handle! {
    /// A field for a colour.
    ColorPicker, visible, described, disabled, styled(DescriptionStyle)
}

setters! { ColorPicker,
    /// Sets `concise` (`false` at first).
    concise: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
}

handle! {
    /// A field for several colours.
    ColorsInput, visible, described, styled(DescriptionStyle)
}

setters! { ColorsInput,
    /// Sets `allow_duplicates` (`true` at first).
    allow_duplicates: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `placeholder` (`"\u200b"` at first).
    placeholder: text,
}

handle! {
    /// An axis of a [`Controller`].
    ControllerAxis, visible
}

handle! {
    /// A button of a [`Controller`].
    ControllerButton, visible
}

handle! {
    /// A game controller that is plugged in where the page is.
    Controller, visible
}

handle! {
    /// A field for a day.
    DatePicker, visible, described, disabled, styled(DescriptionStyle)
}

setters! { DatePicker,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
}

handle! {
    /// A field for a moment; the page shows it in its own zone.
    DatetimePicker, visible, described, disabled, styled(DescriptionStyle)
}

setters! { DatetimePicker,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
}

handle! {
    /// A button that takes files from the reader's machine.
    FileUpload, visible, described, disabled, styled(ButtonStyle)
}

setters! { FileUpload,
    /// Sets `accept` (`""` at first).
    accept: text,
    /// Sets `button_style` (`""` at first).
    button_style: choice(ButtonKind),
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `error` (`""` at first).
    error: text,
    /// Sets `icon` (`"upload"` at first).
    icon: text,
    /// Sets `multiple` (`false` at first).
    multiple: bool,
}

handle! {
    /// A slider whose steps are exponents.
    FloatLogSlider, visible, described, disabled, styled(SliderStyle)
}

setters! { FloatLogSlider,
    /// Sets `base` (`10.0` at first).
    base: float,
    /// Sets `behavior` (`"drag-tap"` at first).
    behavior: choice(Behavior),
    /// Sets `continuous_update` (`true` at first).
    continuous_update: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `orientation` (`"horizontal"` at first).
    orientation: choice(Orientation),
    /// Sets `readout` (`true` at first).
    readout: bool,
    /// Sets `readout_format` (`".3g"` at first).
    readout_format: text,
    /// Sets `step` (`0.1` at first).
    step: float,
}

handle! {
    /// A bar that shows how far something has come.
    FloatProgress, visible, described, styled(ProgressStyle)
}

setters! { FloatProgress,
    /// Sets `bar_style` (`""` at first).
    bar_style: choice(BarStyle),
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `orientation` (`"horizontal"` at first).
    orientation: choice(Orientation),
}

handle! {
    /// A slider with two ends.
    FloatRangeSlider, visible, described, disabled, styled(SliderStyle)
}

setters! { FloatRangeSlider,
    /// Sets `behavior` (`"drag-tap"` at first).
    behavior: choice(Behavior),
    /// Sets `continuous_update` (`true` at first).
    continuous_update: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `orientation` (`"horizontal"` at first).
    orientation: choice(Orientation),
    /// Sets `readout` (`true` at first).
    readout: bool,
    /// Sets `readout_format` (`".2f"` at first).
    readout_format: text,
    /// Sets `step` (`0.1` at first).
    step: float,
}

handle! {
    /// A slider between two numbers.
    FloatSlider, visible, described, disabled, styled(SliderStyle)
}

setters! { FloatSlider,
    /// Sets `behavior` (`"drag-tap"` at first).
    behavior: choice(Behavior),
    /// Sets `continuous_update` (`true` at first).
    continuous_update: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `orientation` (`"horizontal"` at first).
    orientation: choice(Orientation),
    /// Sets `readout` (`true` at first).
    readout: bool,
    /// Sets `readout_format` (`".2f"` at first).
    readout_format: text,
    /// Sets `step` (`0.1` at first).
    step: float,
}

handle! {
    /// A field for a number.
    FloatText, visible, described, disabled, styled(DescriptionStyle)
}

setters! { FloatText,
    /// Sets `continuous_update` (`false` at first).
    continuous_update: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `step` (unset at first).
    step: float,
}

handle! {
    /// A field for several numbers.
    FloatsInput, visible, described, styled(DescriptionStyle)
}

setters! { FloatsInput,
    /// Sets `allow_duplicates` (`true` at first).
    allow_duplicates: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `format` (`".1f"` at first).
    format: text,
    /// Sets `placeholder` (`"\u200b"` at first).
    placeholder: text,
}

handle! {
    /// Widgets in a CSS grid; the layout says which.
    GridBox, visible
}

setters! { GridBox,
    /// Sets `box_style` (`""` at first).
    box_style: choice(BoxStyle),
}

handle! {
    /// HTML with formulas between dollar signs.
    HtmlMath, visible, described, styled(HtmlMathStyle)
}

setters! { HtmlMath,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `placeholder` (`"\u200b"` at first).
    placeholder: text,
}

handle! {
    /// Colours and type of [`HtmlMath`].
    HtmlMathStyle
}

style_of!(HtmlMathStyle, HTML_MATH_STYLE);

setters! { HtmlMathStyle,
    /// Sets `background` (unset at first).
    background: text,
    /// Sets `description_width` (`""` at first).
    description_width: text,
    /// Sets `font_size` (unset at first).
    font_size: text,
    /// Sets `text_color` (unset at first).
    text_color: color,
}

handle! {
    /// A picture.
    Image, visible
}

setters! { Image,
    /// Sets `format` (`"png"` at first).
    format: text,
    /// Sets `height` (`""` at first).
    height: text,
    /// Sets `width` (`""` at first).
    width: text,
}

handle! {
    /// A slider over whole numbers with two ends.
    IntRangeSlider, visible, described, disabled, styled(SliderStyle)
}

setters! { IntRangeSlider,
    /// Sets `behavior` (`"drag-tap"` at first).
    behavior: choice(Behavior),
    /// Sets `continuous_update` (`true` at first).
    continuous_update: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `orientation` (`"horizontal"` at first).
    orientation: choice(Orientation),
    /// Sets `readout` (`true` at first).
    readout: bool,
    /// Sets `readout_format` (`"d"` at first).
    readout_format: text,
    /// Sets `step` (`1` at first).
    step: int,
}

handle! {
    /// A slider between two whole numbers.
    IntSlider, visible, described, disabled, styled(SliderStyle)
}

setters! { IntSlider,
    /// Sets `behavior` (`"drag-tap"` at first).
    behavior: choice(Behavior),
    /// Sets `continuous_update` (`true` at first).
    continuous_update: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `orientation` (`"horizontal"` at first).
    orientation: choice(Orientation),
    /// Sets `readout` (`true` at first).
    readout: bool,
    /// Sets `readout_format` (`"d"` at first).
    readout_format: text,
    /// Sets `step` (`1` at first).
    step: int,
}

handle! {
    /// A field for a whole number.
    IntText, visible, described, disabled, styled(DescriptionStyle)
}

setters! { IntText,
    /// Sets `continuous_update` (`false` at first).
    continuous_update: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `step` (`1` at first).
    step: int,
}

handle! {
    /// A field for several whole numbers.
    IntsInput, visible, described, styled(DescriptionStyle)
}

setters! { IntsInput,
    /// Sets `allow_duplicates` (`true` at first).
    allow_duplicates: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `format` (`"d"` at first).
    format: text,
    /// Sets `placeholder` (`"\u200b"` at first).
    placeholder: text,
}

handle! {
    /// A field for a day and a time, in no zone.
    NaiveDatetimePicker, visible, described, disabled, styled(DescriptionStyle)
}

setters! { NaiveDatetimePicker,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
}

handle! {
    /// A field whose text is not shown.
    Password, visible, described, disabled, styled(TextStyle)
}

setters! { Password,
    /// Sets `continuous_update` (`true` at first).
    continuous_update: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `placeholder` (`"\u200b"` at first).
    placeholder: text,
}

handle! {
    /// Buttons that count, step by step.
    Play, visible, described, disabled, styled(DescriptionStyle)
}

setters! { Play,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `interval` (`100` at first).
    interval: int,
    /// Sets `playing` (`false` at first).
    playing: bool,
    /// Sets `repeat` (`false` at first).
    repeat: bool,
    /// Sets `show_repeat` (`true` at first).
    show_repeat: bool,
    /// Sets `step` (`1` at first).
    step: int,
}

handle! {
    /// Entries below each other, one of which is chosen.
    RadioButtons, visible, described, disabled, styled(DescriptionStyle)
}

setters! { RadioButtons,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `orientation` (`"vertical"` at first).
    orientation: choice(Orientation),
}

handle! {
    /// A slider over entries with two ends.
    SelectionRangeSlider, visible, described, disabled, styled(SliderStyle)
}

setters! { SelectionRangeSlider,
    /// Sets `behavior` (`"drag-tap"` at first).
    behavior: choice(Behavior),
    /// Sets `continuous_update` (`true` at first).
    continuous_update: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `orientation` (`"horizontal"` at first).
    orientation: choice(Orientation),
    /// Sets `readout` (`true` at first).
    readout: bool,
}

handle! {
    /// A slider over entries.
    SelectionSlider, visible, described, disabled, styled(SliderStyle)
}

setters! { SelectionSlider,
    /// Sets `behavior` (`"drag-tap"` at first).
    behavior: choice(Behavior),
    /// Sets `continuous_update` (`true` at first).
    continuous_update: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `orientation` (`"horizontal"` at first).
    orientation: choice(Orientation),
    /// Sets `readout` (`true` at first).
    readout: bool,
}

handle! {
    /// Colours of sliders.
    SliderStyle
}

style_of!(SliderStyle, SLIDER_STYLE);

setters! { SliderStyle,
    /// Sets `description_width` (`""` at first).
    description_width: text,
    /// Sets `handle_color` (unset at first).
    handle_color: color,
}

handle! {
    /// Widgets of which one is shown, or none.
    Stack, visible
}

setters! { Stack,
    /// Sets `box_style` (`""` at first).
    box_style: choice(BoxStyle),
}

handle! {
    /// Widgets under tabs.
    Tab, visible
}

setters! { Tab,
    /// Sets `box_style` (`""` at first).
    box_style: choice(BoxStyle),
}

handle! {
    /// A field for several words.
    TagsInput, visible, described, styled(DescriptionStyle)
}

setters! { TagsInput,
    /// Sets `allow_duplicates` (`true` at first).
    allow_duplicates: bool,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `placeholder` (`"\u200b"` at first).
    placeholder: text,
}

handle! {
    /// A field for a time of day.
    TimePicker, visible, described, disabled, styled(DescriptionStyle)
}

setters! { TimePicker,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
}

handle! {
    /// A button that stays down.
    ToggleButton, visible, described, disabled, styled(ToggleButtonStyle)
}

setters! { ToggleButton,
    /// Sets `button_style` (`""` at first).
    button_style: choice(ButtonKind),
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `icon` (`""` at first).
    icon: text,
}

handle! {
    /// Type of a [`ToggleButton`].
    ToggleButtonStyle
}

style_of!(ToggleButtonStyle, TOGGLE_BUTTON_STYLE);

setters! { ToggleButtonStyle,
    /// Sets `description_width` (`""` at first).
    description_width: text,
    /// Sets `font_family` (unset at first).
    font_family: text,
    /// Sets `font_size` (unset at first).
    font_size: text,
    /// Sets `font_style` (unset at first).
    font_style: text,
    /// Sets `font_variant` (unset at first).
    font_variant: text,
    /// Sets `font_weight` (unset at first).
    font_weight: text,
    /// Sets `text_color` (unset at first).
    text_color: color,
    /// Sets `text_decoration` (unset at first).
    text_decoration: text,
}

handle! {
    /// Buttons of which one is down.
    ToggleButtons, visible, described, disabled, styled(ToggleButtonsStyle)
}

setters! { ToggleButtons,
    /// Sets `button_style` (`""` at first).
    button_style: choice(ButtonKind),
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
}

handle! {
    /// Type of [`ToggleButtons`].
    ToggleButtonsStyle
}

style_of!(ToggleButtonsStyle, TOGGLE_BUTTONS_STYLE);

setters! { ToggleButtonsStyle,
    /// Sets `button_width` (`""` at first).
    button_width: text,
    /// Sets `description_width` (`""` at first).
    description_width: text,
    /// Sets `font_weight` (`""` at first).
    font_weight: text,
}

handle! {
    /// A mark for right or wrong.
    Valid, visible, described, disabled, styled(DescriptionStyle)
}

setters! { Valid,
    /// Sets `description_allow_html` (`false` at first).
    description_allow_html: bool,
    /// Sets `readout` (`"Invalid"` at first).
    readout: text,
}

handle! {
    /// A film that a page plays.
    Video, visible
}

setters! { Video,
    /// Sets `autoplay` (`true` at first).
    autoplay: bool,
    /// Sets `controls` (`true` at first).
    controls: bool,
    /// Sets `format` (`"mp4"` at first).
    format: text,
    /// Sets `height` (`""` at first).
    height: text,
    /// Sets `width` (`""` at first).
    width: text,
}

choice! {
    /// What `AlignContent` of a [`Layout`](crate::Layout) may be.
    AlignContent {
        #[default]
        FlexStart = "flex-start",
        FlexEnd = "flex-end",
        Center = "center",
        SpaceBetween = "space-between",
        SpaceAround = "space-around",
        SpaceEvenly = "space-evenly",
        Stretch = "stretch",
        Inherit = "inherit",
        Initial = "initial",
        Unset = "unset",
    }
}

choice! {
    /// What `AlignItems` of a [`Layout`](crate::Layout) may be.
    AlignItems {
        #[default]
        FlexStart = "flex-start",
        FlexEnd = "flex-end",
        Center = "center",
        Baseline = "baseline",
        Stretch = "stretch",
        Inherit = "inherit",
        Initial = "initial",
        Unset = "unset",
    }
}

choice! {
    /// What `AlignSelf` of a [`Layout`](crate::Layout) may be.
    AlignSelf {
        #[default]
        Auto = "auto",
        FlexStart = "flex-start",
        FlexEnd = "flex-end",
        Center = "center",
        Baseline = "baseline",
        Stretch = "stretch",
        Inherit = "inherit",
        Initial = "initial",
        Unset = "unset",
    }
}

choice! {
    /// What a slider does on a click and on a drag.
    Behavior {
        #[default]
        DragTap = "drag-tap",
        DragSnap = "drag-snap",
        Tap = "tap",
        Drag = "drag",
        Snap = "snap",
    }
}

choice! {
    /// What `GridAutoFlow` of a [`Layout`](crate::Layout) may be.
    GridAutoFlow {
        #[default]
        Column = "column",
        Row = "row",
        RowDense = "row dense",
        ColumnDense = "column dense",
        Inherit = "inherit",
        Initial = "initial",
        Unset = "unset",
    }
}

choice! {
    /// What `JustifyContent` of a [`Layout`](crate::Layout) may be.
    JustifyContent {
        #[default]
        FlexStart = "flex-start",
        FlexEnd = "flex-end",
        Center = "center",
        SpaceBetween = "space-between",
        SpaceAround = "space-around",
        Inherit = "inherit",
        Initial = "initial",
        Unset = "unset",
    }
}

choice! {
    /// What `JustifyItems` of a [`Layout`](crate::Layout) may be.
    JustifyItems {
        #[default]
        FlexStart = "flex-start",
        FlexEnd = "flex-end",
        Center = "center",
        Inherit = "inherit",
        Initial = "initial",
        Unset = "unset",
    }
}

choice! {
    /// What `ObjectFit` of a [`Layout`](crate::Layout) may be.
    ObjectFit {
        #[default]
        Contain = "contain",
        Cover = "cover",
        Fill = "fill",
        ScaleDown = "scale-down",
        None = "none",
    }
}

choice! {
    /// What `Visibility` of a [`Layout`](crate::Layout) may be.
    Visibility {
        #[default]
        Visible = "visible",
        Hidden = "hidden",
        Inherit = "inherit",
        Initial = "initial",
        Unset = "unset",
    }
}
