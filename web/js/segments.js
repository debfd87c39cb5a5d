// HumanDiT Sample plays its newest finished segment while the next one is made.
import { app } from "../../../scripts/app.js"
import { api } from "../../../scripts/api.js"

const EVENT = "humandit.segment"
const WIDGET = "humandit_segment"
const HEIGHT = 220
const SEEN = HEIGHT - 2 * 10 // the classic canvas leaves a margin around widgets

function pictureUrl(file, segment) {
    const query = new URLSearchParams({ ...file, segment }) // the number, because file names come back
    return api.apiURL(`/view?${query}`)
}

function screenOf(node) {
    const existing = node.widgets?.find((widget) => widget.name === WIDGET)
    if (existing) return existing.element
    const figure = document.createElement("figure")
    figure.className = "humandit-segment"
    figure.style.cssText =
        "display:flex;flex-direction:column;align-items:center;gap:4px;margin:0;overflow:hidden;" +
        `height:${SEEN}px;min-height:${SEEN}px;max-height:${SEEN}px`
    const picture = document.createElement("img")
    picture.style.cssText = "flex:1 1 0;min-height:0;max-width:100%;object-fit:contain;border-radius:4px"
    const caption = document.createElement("figcaption")
    caption.style.cssText = "flex:0 0 auto;font:12px sans-serif;opacity:0.8"
    figure.append(picture, caption)
    node.addDOMWidget(WIDGET, WIDGET, figure, {
        serialize: false,
        getMinHeight: () => HEIGHT,
        getMaxHeight: () => HEIGHT,
    })
    node.setSize?.([node.size[0], Math.max(node.size[1], node.computeSize?.()[1] ?? 0)])
    return figure
}

function nodeOf(id) {
    const [outer, ...inner] = String(id).split(":") // inside subgraphs
    let node = app.graph.getNodeById(outer) ?? app.graph.getNodeById(Number(outer))
    for (const part of inner) node = node?.subgraph?.getNodeById(part) ?? node?.subgraph?.getNodeById(Number(part))
    return node
}

function show({ node: id, segment, segments, file }) {
    const node = nodeOf(id)
    if (!node) return
    const figure = screenOf(node)
    figure.querySelector("img").src = pictureUrl(file, segment)
    figure.querySelector("figcaption").textContent = `Segment ${segment} of ${segments}`
    node.setDirtyCanvas?.(true, true)
}

app.registerExtension({
    name: "humandit.segments",
    setup() {
        api.addEventListener(EVENT, (event) => show(event.detail))
    },
})
