// Motion nodes show a picture while they run and the playing motion afterwards: the picture has to go, or it stays on top.
import { app } from "../../../scripts/app.js"

const NODES = ["HumanDiTGenerateMotion", "HumanDiTRefineMotion"]

function letThePicturesGo(node) {
    delete app.nodePreviewImages?.[node.id]
    node.preview = undefined
    node.images = undefined // so that the output counts as new
    node.setDirtyCanvas(true, true)
}

app.registerExtension({
    name: "humandit.motion",
    nodeCreated(node) {
        if (!NODES.includes(node.comfyClass)) return
        const executed = node.onExecuted
        node.onExecuted = function (output) {
            executed?.call(this, output)
            letThePicturesGo(this)
        }
    },
})
