// Detect Pose shows everybody it told apart; a click on a picture chooses that person for the next run.
import { app } from "../../../scripts/app.js"
import { api } from "../../../scripts/api.js"

const NODE = "HumanDiTDetectPose"
const HEIGHT = 100

function pictureUrl(file) {
    const query = new URLSearchParams({ filename: file.filename, subfolder: file.subfolder, type: file.type })
    return api.apiURL(`/view?${query}`)
}

function mark(strip, chosen) {
    for (const button of strip.children) button.style.outline = button.dataset.person === chosen ? "3px solid #4a9" : ""
}

function button(node, strip, file, number) {
    const element = document.createElement("button")
    element.dataset.person = String(number)
    element.title = `Person ${number}, in ${Math.round(100 * file.present)} % of the frames. Click to choose.`
    element.style.cssText =
        "position:relative;flex:0 0 auto;width:72px;height:72px;padding:0;border:0;border-radius:6px;cursor:pointer;" +
        `background:center/cover url("${pictureUrl(file)}")`
    const label = document.createElement("span")
    label.textContent = number
    label.style.cssText =
        "position:absolute;left:3px;top:2px;padding:0 5px;border-radius:4px;background:#000a;color:#fff;font:12px sans-serif"
    element.append(label)
    element.addEventListener("click", () => {
        const widget = node.widgets.find((widget) => widget.name === "person")
        widget.value = String(number)
        widget.callback?.(widget.value)
        mark(strip, widget.value)
        node.graph?.setDirtyCanvas(true, true)
    })
    return element
}

function stripOf(node) {
    const existing = node.widgets?.find((widget) => widget.name === "humandit_people")
    if (existing) return existing.element
    const strip = document.createElement("div")
    strip.className = "humandit-people"
    strip.style.cssText = "display:flex;gap:6px;overflow-x:auto;align-items:center;padding:4px"
    node.addDOMWidget("humandit_people", "humandit_people", strip, {
        serialize: false,
        getMinHeight: () => HEIGHT,
        getMaxHeight: () => HEIGHT,
    })
    return strip
}

function showPeople(node, people) {
    const strip = stripOf(node)
    strip.replaceChildren(...people.map((file, number) => button(node, strip, file, number)))
    mark(strip, String(node.widgets.find((widget) => widget.name === "person")?.value ?? ""))
}

app.registerExtension({
    name: "humandit.people",
    async beforeRegisterNodeDef(nodeType, nodeData) {
        if (nodeData.name !== NODE) return
        const executed = nodeType.prototype.onExecuted
        nodeType.prototype.onExecuted = function (output) {
            const result = executed?.apply(this, arguments)
            if (output?.people?.length) showPeople(this, output.people)
            return result
        }
    },
})
