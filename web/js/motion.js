// Motion nodes show a picture while they run and the playing motion afterwards: the picture has to go.
import { app } from "../../../scripts/app.js"
import { letThePicturesGo } from "./live.js"

const NODES = ["HumanDiTGenerateMotion", "HumanDiTRefineMotion"]

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
