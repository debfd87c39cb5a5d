"""Files of full size: their addresses, and what a user is told about them."""

from humandit.weights.full_size import FILES, FUN_POSE, I2V, VCTRL


def test_addresses_lead_to_the_file_itself():
    hub = "https://huggingface.co"
    path = "transformer/diffusion_pytorch_model.safetensors"
    assert FUN_POSE.url == f"{hub}/alibaba-pai/CogVideoX-Fun-V1.1-5b-Pose/resolve/main/{path}"
    assert len({file.url for file in FILES}) == len({file.place for file in FILES}) == len(FILES)


def test_words_name_what_is_renamed_and_what_is_converted():
    assert I2V.origin == "Kijai/CogVideoX-comfy on Hugging Face (11 GB)"
    assert FUN_POSE.origin.endswith("(transformer/diffusion_pytorch_model.safetensors there, 11 GB)")
    assert VCTRL.origin.endswith(
        "(model_state.pdparams there, 3.5 GB, converted by python -m humandit weights convert model_state.pdparams "
        "vctrl-pose-vertical.safetensors --as vctrl)"
    )
