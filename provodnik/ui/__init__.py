"""The design system: tokens, components, frames, the gallery. Knows nothing of the product's business."""
