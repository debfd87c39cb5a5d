// The 133 points of COCO-WholeBody: names, mirror pairs, parts, and what hangs on what. As in humandit/pose/skeleton.py.
const BODY = [
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
]
const FEET = ["left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel"]
const FINGERS = ["thumb", "index", "middle", "ring", "little"]
const HAND = ["wrist", ...FINGERS.flatMap((finger) => [1, 2, 3, 4].map((joint) => `${finger}_${joint}`))]
const FACE_MIRROR = [
    16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 27, 28, 29, 30,
    35, 34, 33, 32, 31, 45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40, 54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55,
    64, 63, 62, 61, 60, 67, 66, 65,
]

const range = (start, stop) => Array.from({ length: stop - start }, (_, i) => start + i)

export const FACE = 23
export const HANDS = { left: 91, right: 112 }
export const NAMES = [
    ...BODY,
    ...FEET,
    ...range(0, 68).map((i) => `face_${i}`),
    ...HAND.map((name) => `left_hand_${name}`),
    ...HAND.map((name) => `right_hand_${name}`),
]
export const COUNT = NAMES.length
export const INDEX = Object.fromEntries(NAMES.map((name, i) => [name, i]))
export const VISIBLE = Math.fround(0.3)
export const SIDES = ["left", "right"]

const swapped = (name) => name.replace(/^(left|right)_/, (_, side) => (side === "left" ? "right_" : "left_"))
export const MIRROR = NAMES.map((name, i) =>
    i >= FACE && i < HANDS.left ? FACE + FACE_MIRROR[i - FACE] : INDEX[swapped(name)],
)

const of = (...names) => names.map((name) => INDEX[name])
const hand = (side) => range(HANDS[side], HANDS[side] + 21)
const LEG = ["hip", "knee", "ankle", "big_toe", "small_toe", "heel"]
const limbs = (side) => ({
    [`${side} arm`]: [...of(`${side}_shoulder`, `${side}_elbow`, `${side}_wrist`), ...hand(side)],
    [`${side} leg`]: LEG.map((name) => INDEX[`${side}_${name}`]),
    [`${side} hand`]: hand(side),
})
// Names of groups of joints, as in humandit/pose/edit/parts.py.
export const PARTS = {
    all: range(0, COUNT),
    body: range(0, COUNT).filter((i) => i < FACE || i >= HANDS.left),
    head: [...of("nose", "left_eye", "right_eye", "left_ear", "right_ear"), ...range(FACE, HANDS.left)],
    face: range(FACE, HANDS.left),
    ...limbs("left"),
    ...limbs("right"),
}

export const jointsOf = (words) =>
    [...new Set(words.flatMap((word) => PARTS[word] ?? [INDEX[word]]))].sort((a, b) => a - b)

// The part a joint belongs to, the smallest that people have a word for.
export function partOf(joint) {
    const order = ["left hand", "right hand", "left arm", "right arm", "left leg", "right leg", "head"]
    return order.find((part) => PARTS[part].includes(joint)) ?? "all"
}

// Joint -> the joint it turns about when its length is kept; the shoulders, the hips and the head hang on nothing.
export const PARENT = new Array(COUNT).fill(-1)
for (const side of SIDES) {
    const root = HANDS[side]
    const turns = { elbow: "shoulder", wrist: "elbow", knee: "hip", ankle: "knee" }
    for (const [child, parent] of Object.entries(turns)) PARENT[INDEX[`${side}_${child}`]] = INDEX[`${side}_${parent}`]
    for (const toe of ["big_toe", "small_toe", "heel"]) PARENT[INDEX[`${side}_${toe}`]] = INDEX[`${side}_ankle`]
    PARENT[root] = INDEX[`${side}_wrist`]
    for (let i = 1; i < 21; i++) PARENT[root + i] = root + (i % 4 === 1 ? 0 : i - 1)
}
for (const joint of PARTS.head) if (joint !== INDEX.nose) PARENT[joint] = INDEX.nose

const CHILDREN = NAMES.map((_, joint) => range(0, COUNT).filter((child) => PARENT[child] === joint))

// Everything that hangs on a joint, without itself.
export function carried(joint) {
    return CHILDREN[joint].flatMap((child) => [child, ...carried(child)])
}

// "left_hand_index_2" -> "left hand, index 2"
export function spoken(joint) {
    const name = NAMES[joint]
    const finger = name.match(/^(left|right)_hand_(\w+?)_(\d)$/)
    if (finger) return `${finger[1]} hand, ${finger[2]} ${finger[3]}`
    return name.replaceAll("_", " ")
}

const HUE = 360 / 18
const LIMBS = [
    ["neck", "right_shoulder"],
    ["neck", "left_shoulder"],
    ["right_shoulder", "right_elbow"],
    ["right_elbow", "right_wrist"],
    ["left_shoulder", "left_elbow"],
    ["left_elbow", "left_wrist"],
    ["neck", "right_hip"],
    ["right_hip", "right_knee"],
    ["right_knee", "right_ankle"],
    ["neck", "left_hip"],
    ["left_hip", "left_knee"],
    ["left_knee", "left_ankle"],
    ["neck", "nose"],
    ["nose", "right_eye"],
    ["right_eye", "right_ear"],
    ["nose", "left_eye"],
    ["left_eye", "left_ear"],
]
const FOOT_LINES = ["big_toe", "small_toe", "heel"]

// Lines to draw: [from, to, colour, thickness]; -1 stands for the neck, the middle of the shoulders.
export const LINES = [
    ...LIMBS.map(([a, b], i) => [INDEX[a] ?? -1, INDEX[b], `hsl(${Math.round(i * HUE)} 85% 55%)`, 1]),
    ...SIDES.flatMap((side) =>
        FOOT_LINES.map((toe) => [
            INDEX[`${side}_ankle`],
            INDEX[`${side}_${toe}`],
            `hsl(${side === "left" ? 220 : 160} 85% 55%)`,
            0.6,
        ]),
    ),
    ...SIDES.flatMap((side) =>
        range(1, 21).map((i) => [
            PARENT[HANDS[side] + i],
            HANDS[side] + i,
            `hsl(${Math.floor((i - 1) / 4) * 72} 80% 62%)`,
            0.4,
        ]),
    ),
]
