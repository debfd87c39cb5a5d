// What the keyboard does in the editor.
export const HELP = [
    ["Space", "play, pause"],
    ["← →", "one frame (Shift: ten)"],
    ["Home End", "first, last frame"],
    [", .", "key frame before, after"],
    ["[ ]", "marked frames begin, end here"],
    ["Ctrl+A", "mark all frames out"],
    ["B G X H", "bad, good, swap, hide"],
    ["C", "clear marks"],
    ["K", "remove key frame"],
    ["M", "place missing joints"],
    ["Delete", "hide the chosen joint, or remove the key frame"],
    ["Alt+arrows", "nudge the joint (Shift: ten pixels)"],
    ["W", "move the whole person"],
    ["O", "onion skin"],
    ["L", "loop"],
    ["+ − 0", "zoom, fit"],
    ["Ctrl+Z  Ctrl+Y", "undo, redo"],
    ["Esc", "let go, then close"],
]

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

// Whether the key did something. `page` knows close(), help() and the view.
export function pressed(event, session, page) {
    if (event.ctrlKey || event.metaKey) return withControl(event, session)
    if (event.altKey) return nudged(event, session)
    const action = actions(session, page, event.shiftKey ? 10 : 1)[
        event.key.length === 1 ? event.key.toLowerCase() : event.key
    ]
    action?.()
    return Boolean(action)
}

function actions(session, page, far) {
    const { chosen, options, film } = session
    const step = (frames) => () => session.choose({ frame: chosen.frame + frames })
    const border = (range) => () =>
        session.choose({ range: { first: Math.min(range.first, range.last), last: Math.max(range.first, range.last) } })
    return {
        " ": () => session.set({ playing: !options.playing }),
        ArrowLeft: step(-far),
        ArrowRight: step(far),
        Home: () => session.choose({ frame: 0 }),
        End: () => session.choose({ frame: film.frames - 1 }),
        ",": () => session.stepToKey(-1),
        ".": () => session.stepToKey(1),
        "[": border({ first: chosen.frame, last: Math.max(chosen.range?.last ?? chosen.frame, chosen.frame) }),
        "]": border({ first: Math.min(chosen.range?.first ?? chosen.frame, chosen.frame), last: chosen.frame }),
        b: () => session.mark("bad"),
        g: () => session.mark("good"),
        x: () => session.mark("swap"),
        h: () => session.mark("hide"),
        c: () => session.clearMarks(),
        k: () => session.deleteKey(),
        m: () => session.placeMissing(),
        w: () => session.set({ whole: !options.whole }),
        o: () => session.set({ onion: !options.onion }),
        l: () => session.set({ loop: !options.loop }),
        Delete: () => hideJoint(session),
        Backspace: () => hideJoint(session),
        "+": () => page.zoom(1.25),
        "=": () => page.zoom(1.25),
        "-": () => page.zoom(0.8),
        0: () => page.fit(),
        "?": () => page.help(),
        Escape: () => escape(session, page),
    }
}

function withControl(event, session) {
    const key = event.key.toLowerCase()
    if (key === "a") session.choose({ range: { first: 0, last: session.film.frames - 1 } })
    else if (key === "y" || (key === "z" && event.shiftKey)) session.redo()
    else if (key === "z") session.undo()
    else return false
    return true
}

function nudged(event, session) {
    const direction = ARROWS[event.key]
    const far = event.shiftKey ? 10 : 1
    if (direction) session.nudge(direction[0] * far, direction[1] * far)
    return Boolean(direction)
}

function hideJoint(session) {
    if (session.chosen.joint === null) return session.deleteKey()
    session.choose({ scope: "joint" })
    session.mark("hide")
}

function escape(session, page) {
    const { range, joint } = session.chosen
    if (range || joint !== null) session.choose({ range: null, joint: null })
    else page.close()
}
