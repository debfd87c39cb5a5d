// What a node says of its work stays under it: newer pages take the words of a node away when the run is over.
import { app } from "../../../scripts/app.js"

const OURS = "HumanDiT"
const WIDGET = "humandit_words"
const OF_THE_PAGE = "$$node-text-preview"
const [LETTER, LINE, PADDING] = [6.8, 16, 6] // pixels
const MARGIN = 10 // what the classic canvas leaves free around a widget of ours

function takeThePages(node) {
    const index = node.widgets?.findIndex((widget) => widget.name === OF_THE_PAGE) ?? -1
    if (index < 0) return
    node.widgets[index].onRemove?.()
    node.widgets.splice(index, 1)
}

function heightOf(node, element) {
    const letters = Math.max((node.size[0] - 2 * (MARGIN + PADDING)) / LETTER, 1)
    const lines = element.textContent.split("\n").map((line) => Math.max(Math.ceil(line.length / letters), 1))
    return 2 * (MARGIN + PADDING) + LINE * lines.reduce((sum, count) => sum + count, 0)
}

function wordsOf(node) {
    const existing = node.widgets?.find((widget) => widget.name === WIDGET)
    if (existing) return existing.element
    const element = document.createElement("div")
    element.className = "humandit-words"
    element.style.cssText =
        `padding:${PADDING}px;font:12px/${LINE}px sans-serif;white-space:pre-wrap;overflow-wrap:anywhere;` +
        "overflow-y:auto;user-select:text;color:var(--input-text, #ddd)"
    node.addDOMWidget(WIDGET, WIDGET, element, {
        serialize: false,
        getMinHeight: () => heightOf(node, element),
        getMaxHeight: () => heightOf(node, element),
    })
    return element
}

app.registerExtension({
    name: "humandit.words",
    async beforeRegisterNodeDef(nodeType, nodeData) {
        if (!nodeData.name.startsWith(OURS)) return
        const executed = nodeType.prototype.onExecuted
        nodeType.prototype.onExecuted = function (output) {
            if (output?.text?.length) {
                takeThePages(this)
                wordsOf(this).textContent = [output.text].flat().join("\n")
            }
            return executed?.apply(this, arguments)
        }
    },
})
