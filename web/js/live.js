// Pictures that the page shows while a node runs stay afterwards, over or beside what the node has made.
import { app } from "../../../scripts/app.js"

/** Nodes 2.0 keep them in a store of the page's; where it cannot be found, they only stay longer. */
function stored() {
    const page = document.querySelector("[data-v-app]")?.__vue_app__
    return page?.config?.globalProperties?.$pinia?._s?.get("nodeOutput")?.nodePreviewImages
}

export function letThePicturesGo(node) {
    for (const pictures of [app.nodePreviewImages, stored()]) if (pictures) delete pictures[node.id]
    node.preview = undefined
    node.images = undefined // so that the output counts as new
    node.setDirtyCanvas?.(true, true)
}
