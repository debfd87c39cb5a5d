#!/bin/sh
# Queue a bundled workflow on a running ComfyUI, wait, fetch the film. Needs: curl, jq
#   docs/api/animate.sh workflows/api/animate-a-picture.json film.mp4 [http://127.0.0.1:8188]
set -eu
workflow=$1 film=$2 url=${3:-http://127.0.0.1:8188}

id=$(jq '{prompt: .}' "$workflow" | curl -sSf "$url/prompt" -H "Content-Type: application/json" -d @- | jq -r .prompt_id)
until curl -sSf "$url/history/$id" | jq -e --arg id "$id" '.[$id].status.completed == true or
    .[$id].status.status_str == "error"' > /dev/null; do sleep 1; done
saver=$(jq -r 'to_entries | map(select(.value.class_type == "SaveVideo")) | first.key' "$workflow")
saved=$(curl -sSf "$url/history/$id" | jq -c --arg id "$id" --arg n "$saver" '.[$id].outputs[$n].images[0]')
curl -sSf -G "$url/view" -o "$film" \
    --data-urlencode "filename=$(echo "$saved" | jq -r .filename)" \
    --data-urlencode "subfolder=$(echo "$saved" | jq -r .subfolder)" \
    --data-urlencode "type=$(echo "$saved" | jq -r .type)"
echo "$film is there"
