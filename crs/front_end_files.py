"""The few files of the front-end packages that pages and papers use: no bundle.

`package-lock.json` pins their versions, `crs.staticfiles` finds them.
"""

_GOV = "@gov-design-system-ce"
# Static path: path inside `node_modules/`.
NODE_MODULES_FILES = {
    **{f"gov/{name}.css": f"{_GOV}/styles/lib/{name}.css" for name in ("tokens", "styles")},
    **{
        f"gov/{name}.css": f"{_GOV}/styles/lib/html/components/gov-{name}.css"
        for name in ("button", "form-input", "form-select", "form-checkbox", "form-radio", "message", "wizard-item")
    },
    **{
        f"gov/icons/{name}.svg": f"{_GOV}/icons/lib/components/{icon}.svg"
        for name, icon in {
            "info": "info-circle-fill",
            "success": "check-circle-fill",
            "warning": "exclamation-triangle-fill",
            "check": "check-lg",
            "cross": "x-lg",
            "down": "chevron-down",
        }.items()
    },
    # The reader of codes on the page where anybody checks a certificate.
    "zxing/reader.js": "zxing-wasm/dist/iife/reader/index.js",
    "zxing/zxing_reader.wasm": "zxing-wasm/dist/reader/zxing_reader.wasm",
    "gov/fonts/roboto.css": f"{_GOV}/fonts/lib/roboto.css",
    **{
        # roboto.css names them all; a browser fetches only those that a page uses.
        f"gov/fonts/roboto-{weight}{part}.woff2": f"{_GOV}/fonts/lib/roboto-{weight}{part}.woff2"
        for weight in (
            *("thin", "thin-italic", "light", "light-italic", "regular", "italic"),
            *("medium", "medium-italic", "bold", "bold-italic"),
        )
        for part in ("", "-ext")
    },
    # The fonts of papers: unlike the above, each file has the space, and there are Vietnamese and Cyrillic ones, which
    # pages use too (static/crs/names.css), in one weight more.
    **{
        f"paper/roboto-{subset}-{weight}.woff2": f"@fontsource/roboto/files/roboto-{subset}-{weight}-normal.woff2"
        for subset in ("latin", "latin-ext", "vietnamese", "cyrillic", "cyrillic-ext")
        for weight in (400, 500, 700)
        if weight != 500 or "latin" not in subset
    },
}
