// The window over the canvas. What is typed and dragged in it must not reach the canvas behind.
import { element } from "./dom.js"

// An empty window, an element of `place`; closing it by any way calls `closed`.
export function openWindow(place, closed) {
    const style = element("link", { rel: "stylesheet", href: new URL("editor.css", import.meta.url).href })
    const dialog = element("dialog", { class: "humandit-editor", "aria-label": "Pose editor" })
    for (const kind of [
        "keydown",
        "keyup",
        "keypress",
        "copy",
        "paste",
        "wheel",
        "pointerdown",
        "mousedown",
        "contextmenu",
    ])
        dialog.addEventListener(kind, (event) => event.stopPropagation()) // the canvas behind must not hear it
    dialog.addEventListener("cancel", (event) => event.preventDefault())
    dialog.addEventListener("close", () => {
        home.remove()
        closed()
    })
    const home = element("div", { style: "display: contents" }, style, dialog)
    place.append(home)
    dialog.showModal()
    return dialog
}

// A window with nothing but words and buttons.
export function fillWithWords(dialog, title, words, buttons) {
    const text = words.map((one) => element("p", {}, one))
    dialog.replaceChildren(
        element(
            "div",
            { class: "alone" },
            element("h2", {}, title),
            ...text,
            element("div", { class: "row" }, ...buttons),
        ),
    )
    buttons[0]?.focus()
    dialog.onkeydown = (event) => event.key === "Escape" && dialog.close()
}
