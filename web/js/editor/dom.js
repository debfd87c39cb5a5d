// Elements in one line. Controls are all <input>: ComfyUI leaves keys alone that are typed into one, undo above all.
export function element(tag, properties = {}, ...children) {
    const made = document.createElement(tag)
    for (const [name, value] of Object.entries(properties)) {
        if (name === "class") made.className = value
        else if (name.startsWith("aria-") || name === "role") made.setAttribute(name, value)
        else made[name] = value
    }
    made.append(...children)
    return made
}

export function button(text, title, action, properties = {}) {
    const made = element("input", { type: "button", value: text, title, ...properties })
    made.addEventListener("click", action)
    return made
}

export function toggle(text, title, change) {
    const box = element("input", { type: "checkbox" })
    box.addEventListener("change", () => change(box.checked))
    return { row: element("label", { class: "row", title }, box, element("span", {}, text)), box }
}

export function slider(title, { min, max, step }, change) {
    const made = element("input", { type: "range", title, min, max, step, "aria-label": title })
    made.addEventListener("input", () => change(Number(made.value)))
    return made
}

export const section = (title, ...children) => element("section", {}, element("h3", {}, title), ...children)
export const row = (...children) => element("div", { class: "row" }, ...children)
