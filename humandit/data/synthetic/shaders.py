"""The two GLSL programs: paint a character by its body coordinates."""

VERTEX = """
#version 330
in vec3 place;      // camera space, metres, looking along -z
in vec3 normal;     // camera space
in vec3 rest;       // rest pose, metres
in vec4 body;       // along the arm, along the leg, up the neck, material
uniform vec4 lens;  // focal length and shift: ndc = lens.x * xy / -z + lens.zw, times (1, lens.y)
uniform vec2 clip;  // near and far, metres
out vec3 v_normal;
out vec3 v_place;
out vec3 v_rest;
out vec4 v_body;
void main() {
    float depth = -place.z;
    float z = (clip.y + clip.x) / (clip.y - clip.x) * depth - 2.0 * clip.y * clip.x / (clip.y - clip.x);
    vec2 xy = lens.x * place.xy * vec2(1.0, lens.y) + lens.zw * depth;
    gl_Position = vec4(xy, z, depth);
    v_normal = normal; v_place = place; v_rest = rest; v_body = body;
}
"""

FRAGMENT = """
#version 330
in vec3 v_normal;
in vec3 v_place;
in vec3 v_rest;
in vec4 v_body;
uniform vec3 skin, hair, shoes, shirt_a, shirt_b, trousers_a, trousers_b;
uniform vec4 shirt_pattern;    // pattern, period
uniform vec4 trousers_pattern;
uniform vec4 cut;              // sleeve, leg, collar, waist height (rest pose, metres)
uniform float gloves;
uniform vec3 light;            // towards the light, camera space
uniform vec3 shine;            // its colour
uniform vec3 ambient;
uniform vec4 line[2];          // hairline: brow, ear, nape, front | ear depth
uniform vec4 eyes[2];          // centre xy, half width, half height
uniform vec4 brows[4];         // two segments per brow: xy, xy
uniform vec4 mouth;            // centre xy, half width, half height
out vec4 colour;

vec3 cloth(vec3 a, vec3 b, vec4 p, vec3 q) {
    float u = q.x / p.y * 6.2832, v = q.y / p.y * 6.2832, part = 0.0;
    if (p.x == 1.0) part = smoothstep(-0.3, 0.3, sin(v));
    else if (p.x == 2.0) part = smoothstep(-0.3, 0.3, sin(u));
    else if (p.x == 3.0) part = smoothstep(-0.3, 0.3, sin(u)) * 0.5 + smoothstep(-0.3, 0.3, sin(v)) * 0.5;
    else if (p.x == 4.0) part = smoothstep(0.9, 1.25, cos(u) + cos(v));
    else if (p.x == 5.0) part = step(0.0, q.x);
    return mix(a, b, part);
}

float segment(vec2 p, vec2 a, vec2 b) {
    float t = clamp(dot(p - a, b - a) / dot(b - a, b - a), 0.0, 1.0);
    return length(p - mix(a, b, t));
}

float over_hairline(vec3 p) {
    float ear = line[1].x;
    if (p.z > ear) return p.y - mix(line[0].y, line[0].x, clamp((p.z - ear) / (line[0].w - ear), 0.0, 1.0));
    return p.y - mix(line[0].z, line[0].y, clamp((p.z - ear + 0.03) / 0.03, 0.0, 1.0));
}

vec3 head_paint(vec3 base) {
    if (over_hairline(v_rest) > 0.0) return hair;
    if (v_rest.z < line[1].x) return base;
    vec3 c = base;
    vec2 p = v_rest.xy;
    vec2 m = (p - mouth.xy) / mouth.zw;
    c = mix(c, base * vec3(0.80, 0.42, 0.42) + vec3(0.06, 0.0, 0.01), smoothstep(1.15, 0.85, length(m)));
    for (int i = 0; i < 2; i++) {
        vec2 e = (p - eyes[i].xy) / eyes[i].zw;
        float d = length(e);
        c = mix(c, base * 0.6, smoothstep(1.5, 1.05, d));
        c = mix(c, vec3(0.95), smoothstep(1.1, 0.9, d));
        c = mix(c, vec3(0.08, 0.06, 0.05), smoothstep(1.1, 0.9, d) * smoothstep(0.62, 0.5, abs(e.x)));
    }
    float brow = 1.0;
    for (int i = 0; i < 4; i++) brow = min(brow, segment(p, brows[i].xy, brows[i].zw));
    return mix(c, hair * 0.8, smoothstep(0.0055, 0.0025, brow));
}

vec3 paint() {
    if (v_body.w > 1.5) return cloth(trousers_a, trousers_b, trousers_pattern, v_rest);
    if (v_body.w > 0.5) return hair;
    if (v_body.z > 1.2) return head_paint(skin);
    if (v_body.z > cut.z) return skin;
    if (v_body.x > 0.0 && v_body.x > cut.x) return (gloves > 0.5 && v_body.x > 1.9) ? shoes : skin;
    if (v_body.y > 1.9) return shoes;
    if (v_body.y > cut.y) return skin;
    if (v_body.x < 0.0 && v_rest.y < cut.w || v_body.y > 0.0)
        return cloth(trousers_a, trousers_b, trousers_pattern, v_rest);
    return cloth(shirt_a, shirt_b, shirt_pattern, v_rest);
}

void main() {
    vec3 n = normalize(v_normal);
    vec3 base = paint();
    if (!gl_FrontFacing && v_body.w > 0.5) n = -n;
    float facing = dot(n, light);
    float wrap = max((facing + 0.25) / 1.25, 0.0);
    float rim = 0.75 + 0.25 * max(dot(n, normalize(-v_place)), 0.0);
    float grain = (v_body.w > 0.5 && v_body.w < 1.5 || v_body.z > 1.2 && over_hairline(v_rest) > 0.0)
        ? 0.85 + 0.25 * sin(v_rest.x * 420.0 + 3.0 * sin(v_rest.y * 60.0)) : 1.0;
    colour = vec4(clamp(base * grain * rim * (ambient + shine * wrap), 0.0, 1.0), 1.0);
}
"""
