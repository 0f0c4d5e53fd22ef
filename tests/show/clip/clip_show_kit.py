"""What a show with a clip model says: its register entry, and [clip] of its shot."""

SAID = {
    "licence": "open",
    "training_data": "vendor_stated",
    "hosting": "local",
    "network": "none",
    "trains_on_inputs": "no",
    "retention": "none",
}
CLIP = """[clip]
backend = "comfyui"
model = "wan_vace.safetensors"
text_encoder = "umt5.safetensors"
vae = "wan_vae.safetensors"
server = "{url}"
steps = 2
frames = 9
"""
