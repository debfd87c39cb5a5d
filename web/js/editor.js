// Edit Pose: a button opens the pose editor; what is edited is kept in the node's "edits" widget.
import { app } from "../../../scripts/app.js"
import { api } from "../../../scripts/api.js"
import { Editor } from "./editor/dialog.js"
import { button } from "./editor/dom.js"
import { load } from "./editor/film.js"
import { fillWithWords, openWindow } from "./editor/window.js"

const NODE = "HumanDiTEditPose"
const BUTTON = "Edit poses"

const editsOf = (node) => node.widgets.find((widget) => widget.name === "edits")

function urlOf(file) {
    const query = new URLSearchParams({ filename: file.filename, subfolder: file.subfolder, type: file.type })
    return api.apiURL(`/view?${query}`)
}

function told(text) {
    try {
        const { keys = [], spans = [], added = [], removed = [] } = JSON.parse(text)
        return `${BUTTON} (${keys.length + spans.length + added.length + removed.length} edits)`
    } catch {
        return BUTTON
    }
}

function label(node) {
    const widget = node.widgets?.find((one) => one.name === BUTTON)
    if (!widget) return
    widget.label = told(editsOf(node)?.value)
    node.graph?.setDirtyCanvas(true, true)
}

function keep(node, text) {
    const widget = editsOf(node)
    widget.value = text
    widget.callback?.(text)
    label(node)
}

// The workflow's own undo takes all changes of one sitting as one step.
function noteChange() {
    app.extensionManager?.workflow?.activeWorkflow?.changeTracker?.checkState?.()
}

// --- the window

const opened = new Map() // node -> its window

function open(node) {
    if (opened.has(node)) return
    const dialog = openWindow(app.canvas.canvas.parentElement, () => {
        opened.delete(node)
        noteChange()
    })
    opened.set(node, dialog)
    fill(node, dialog)
}

async function fill(node, dialog) {
    if (!node.humanditFiles) return showNothing(node, dialog)
    const film = await load(node.humanditFiles, urlOf).catch((error) => {
        node.humanditFiles = null // a new run brings new ones
        showNothing(node, dialog, error.message)
    })
    if (!film) return
    try {
        new Editor(dialog, film, editsOf(node).value, (text) => keep(node, text))
    } catch (error) {
        showNothing(node, dialog, error.message)
    }
}

function showNothing(node, dialog, problem = "") {
    const words = [
        problem,
        "The editor shows the poses that come into this node, so they have to be made once. Connect poses, then run up to this node.",
    ]
    const run = button("Run up to this node", "Runs only what this node needs", () => runUpTo(node, dialog, run), {
        class: "primary",
    })
    const buttons = [run, button("Close", "Close (Esc)", () => dialog.close())]
    if (editsOf(node).value.trim())
        buttons.splice(
            1,
            0,
            button("Discard edits", "Throw away what this node holds, for another film", () => {
                keep(node, "")
                fill(node, dialog)
            }),
        )
    fillWithWords(dialog, problem ? "These poses cannot be opened" : "No poses yet", words.filter(Boolean), buttons)
}

// What the server said of the nodes that cannot run, such as a film that is not there.
function whyRefused() {
    const told = Object.values(app.lastNodeErrors ?? {}).flatMap(({ class_type, errors }) =>
        errors.map(({ message, details }) => `${class_type}: ${details || message}`),
    )
    return told.join("\n") || "ComfyUI could not start the run. Close this window to see why."
}

async function runUpTo(node, dialog, pressed) {
    pressed.disabled = true
    pressed.value = "Running…"
    const failed = (event) => showNothing(node, dialog, event.detail.exception_message)
    const ended = () => api.removeEventListener("execution_error", failed)
    api.addEventListener("execution_error", failed, { once: true })
    api.addEventListener("execution_success", ended, { once: true })
    dialog.addEventListener("close", ended)
    const inside = node.graph && node.graph !== app.graph // of a subgraph: there is no short name for it
    const queued = await app.queuePrompt(0, 1, inside ? undefined : [String(node.id)])
    if (queued === false) showNothing(node, dialog, whyRefused())
}

// --- the node

function dress(node) {
    const edits = editsOf(node)
    edits.hidden = true
    edits.options = { ...edits.options, hidden: true } // for Nodes 2.0
    edits.computeSize = () => [0, -4] // older canvases keep room for what is hidden
    const widget = node.addWidget("button", BUTTON, null, () => open(node), { serialize: false })
    widget.serialize = false
    widget.tooltip = "Opens the poses over their film: play, drag joints, mark frames."
}

app.registerExtension({
    name: "humandit.editor",
    async beforeRegisterNodeDef(nodeType, nodeData) {
        if (nodeData.name !== NODE) return
        const after = (name, then) => {
            const before = nodeType.prototype[name]
            nodeType.prototype[name] = function (...given) {
                const result = before?.apply(this, given)
                then(this, ...given)
                return result
            }
        }
        after("onNodeCreated", dress)
        after("onConfigure", label)
        after("onExecuted", (node, output) => {
            const files = output?.humandit_edit?.[0]
            if (!files) return
            const first = !node.humanditFiles
            node.humanditFiles = files
            if (first && opened.has(node)) fill(node, opened.get(node))
        })
        after("onRemoved", (node) => opened.get(node)?.close())
    },
})
