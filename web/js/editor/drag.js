// What it means to drag a joint: which joints go where, by the limbs' lengths, the bend of the limb, and what hangs on it.
import { angleOf, chain, swung, turned, twoBone } from "./ik.js"
import { COUNT, HANDS, INDEX, PARENT, SIDES, carried } from "./skeleton.js"

// End of a limb -> [root, middle]; the hand turns with its forearm, the foot keeps its angle.
const LIMBS = new Map(
    SIDES.flatMap((side) => [
        [INDEX[`${side}_wrist`], [INDEX[`${side}_shoulder`], INDEX[`${side}_elbow`]]],
        [INDEX[`${side}_ankle`], [INDEX[`${side}_hip`], INDEX[`${side}_knee`]]],
    ]),
)
const STRAIGHT = { left: 1, right: -1 }

// One frame of poses as points: joint -> [x, y], only of joints that have a place.
export function pointsOf(poses, frame) {
    const points = new Map()
    for (let joint = 0; joint < COUNT; joint++) {
        const cell = frame * COUNT + joint
        if (poses.score[cell] > 0) points.set(joint, [poses.xy[2 * cell], poses.xy[2 * cell + 1]])
    }
    return points
}

// points, the joint under the pointer, where it is pulled -> Map of joint -> new place, for all that moves.
export function drag(points, joint, target, { lock, bend }) {
    const held = handle(points, joint)
    const limb = LIMBS.get(held)
    if (bend && limb?.every((part) => points.has(part)) && points.has(held))
        return bent(points, held, limb, target, !lock)
    const knuckle = finger(held)
    if (bend && lock && knuckle !== null && held > knuckle) return pulled(points, knuckle, held, target)
    if (lock && PARENT[held] >= 0 && points.has(PARENT[held]) && PARENT[held] !== INDEX.nose)
        return swungBy(points, held, swung(points.get(PARENT[held]), points.get(held), target))
    const alone = !lock && !limb && held !== INDEX.nose
    return alone ? new Map([[held, target]]) : shifted(points, [held, ...carried(held)], held, target)
}

// Every joint of the person, by the same way.
export const dragAll = (points, joint, target) => shifted(points, [...points.keys()], joint, target)

// The hand's own wrist lies under the body's: both are one handle.
function handle(points, joint) {
    const side = SIDES.find((side) => HANDS[side] === joint)
    const wrist = side && INDEX[`${side}_wrist`]
    return points.has(wrist) ? wrist : joint
}

// The knuckle of the finger that a joint belongs to; null for all others.
function finger(joint) {
    const side = SIDES.find((side) => joint > HANDS[side] && joint < HANDS[side] + 21)
    return side ? joint - ((joint - HANDS[side] - 1) % 4) : null
}

function bent(points, end, [root, middle], target, stretch) {
    const side = STRAIGHT[SIDES.find((side) => end === INDEX[`${side}_wrist`] || end === INDEX[`${side}_ankle`])]
    const [r, m, e] = [root, middle, end].map((joint) => points.get(joint))
    const placed = twoBone(r, m, e, target, { stretch, side })
    const wrist = SIDES.some((side) => end === INDEX[`${side}_wrist`])
    const angle = wrist ? angleOf(placed.middle, placed.end) - angleOf(m, e) : 0
    return new Map([
        [middle, placed.middle],
        [end, placed.end],
        ...followers(points, carried(end), (point) => turned(point, e, placed.end, angle)),
    ])
}

function pulled(points, knuckle, tip, target) {
    const joints = []
    for (let joint = knuckle; joint <= tip; joint++) if (points.has(joint)) joints.push(joint)
    const before = joints.map((joint) => points.get(joint))
    const after = chain(before, target)
    const last = joints.length - 1
    const angle = last ? angleOf(after[last - 1], after[last]) - angleOf(before[last - 1], before[last]) : 0
    return new Map([
        ...joints.map((joint, i) => [joint, after[i]]).slice(1),
        ...followers(points, carried(tip), (point) => turned(point, before[last], after[last], angle)),
    ])
}

function swungBy(points, joint, place) {
    const pivot = points.get(PARENT[joint])
    const angle = angleOf(pivot, place) - angleOf(pivot, points.get(joint))
    const turn = (point) => turned(point, pivot, pivot, angle)
    return new Map([[joint, place], ...followers(points, [...carried(joint), ...siblings(joint)], turn)])
}

// A foot is one piece: its points turn together.
function siblings(joint) {
    const side = SIDES.find((side) => PARENT[joint] === INDEX[`${side}_ankle`])
    return side ? carried(INDEX[`${side}_ankle`]).filter((other) => other !== joint) : []
}

function shifted(points, joints, held, [x, y]) {
    const [fromX, fromY] = points.get(held) ?? [x, y]
    return new Map(followers(points, joints, (point) => [point[0] + x - fromX, point[1] + y - fromY]))
}

const followers = (points, joints, move) =>
    joints.filter((joint) => points.has(joint)).map((joint) => [joint, move(points.get(joint))])
