"""What libraries raise when memory runs out, and how to get some back."""

import errno
import gc
import sys

#: How PyTorch (the processor, GPUs, other allocators) and CTranslate2 put it.
_SIGNS = ("out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory")


def is_out_of_memory(error: Exception) -> bool:
    """Return whether an error says that memory ran out, be it of the machine or of a GPU."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    message = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(sign in message for sign in _SIGNS)
    )


def free_memory() -> None:
    """Give back what is no longer used: cycles of objects, and what PyTorch holds of a GPU."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
