namespace MLNet.Devise.Scoring;

/// <summary>
/// What ONNX Runtime computes a network with. Which of them are there depends on the ONNX Runtime package that a program references;
/// operators that one cannot run fall back to the processor.
/// </summary>
public enum ExecutionProvider
{
    /// <summary>The processor; in every package.</summary>
    Cpu,
    /// <summary>NVIDIA graphics cards by CUDA.</summary>
    Cuda,
    /// <summary>NVIDIA graphics cards by TensorRT.</summary>
    TensorRt,
    /// <summary>DirectX 12 graphics cards on Windows.</summary>
    DirectMl,
    /// <summary>Apple's Core ML.</summary>
    CoreMl,
    /// <summary>Android's Neural Networks API.</summary>
    Nnapi,
    /// <summary>XNNPACK, for ARM and mobile processors.</summary>
    Xnnpack,
    /// <summary>Intel's OpenVINO.</summary>
    OpenVino,
    /// <summary>Qualcomm's AI Engine.</summary>
    Qnn,
}
