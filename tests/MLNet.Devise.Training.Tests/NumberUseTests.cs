using Mono.Cecil;
using Mono.Cecil.Cil;
using TorchSharp;

namespace MLNet.Devise.Training.Tests;

/// <summary>
/// Looks through the compiled code for what <see cref="NumberArithmetic"/> is there to avoid: calls of a TorchSharp method that makes a
/// number, itself or further down, which nothing then holds while libtorch reads it.
/// </summary>
public sealed class NumberUseTests
{
    private static readonly Lazy<HashSet<string>> Dangerous = new(() => FindDangerous(AssemblyDefinition.ReadAssembly(typeof(torch).Assembly.Location)));

    [Theory]
    [InlineData(typeof(Trainer))]
    [InlineData(typeof(NumberUseTests))]
    public void No_number_is_made_that_nothing_holds(Type inside)
    {
        using var assembly = AssemblyDefinition.ReadAssembly(inside.Assembly.Location);
        var found =
            from method in Methods(assembly)
            where !method.DeclaringType.FullName.Contains(nameof(NumberArithmetic), StringComparison.Ordinal)
            where !method.DeclaringType.FullName.EndsWith(nameof(Learning.AdamWTests), StringComparison.Ordinal) // its peer is TorchSharp's own
            from name in Uses(method)
            where Dangerous.Value.Contains(name) || MakesNumber(name)
            select $"{method.DeclaringType.FullName}.{method.Name}: {name}";
        Assert.Empty(found);
    }

    /// <summary>The check itself: what is known to make numbers inside is found, what does not is not.</summary>
    [Fact]
    public void Sums_and_modules_that_count_are_dangerous_and_products_of_tensors_are_not()
    {
        Assert.Contains(Dangerous.Value, name => name.EndsWith("Tensor::add(TorchSharp.torch/Tensor)", StringComparison.Ordinal));
        Assert.Contains(Dangerous.Value, name => name.Contains("torch/nn::BatchNorm1d(", StringComparison.Ordinal));
        Assert.Contains(Dangerous.Value, name => name.Contains("Tensor::op_Addition(TorchSharp.torch/Tensor,TorchSharp.torch/Tensor)", StringComparison.Ordinal));
        Assert.DoesNotContain(Dangerous.Value, name => name.EndsWith("Tensor::mul(TorchSharp.torch/Tensor)", StringComparison.Ordinal));
        Assert.DoesNotContain(Dangerous.Value, name => name.Contains("torch/nn::Linear(", StringComparison.Ordinal));
    }

    /// <summary>Names of TorchSharp's methods that make numbers, that call such, or that create a module or an optimizer whose work does.</summary>
    private static HashSet<string> FindDangerous(AssemblyDefinition torchSharp)
    {
        var uses = Methods(torchSharp).Where(method => !MakesNumber(method.FullName)).ToDictionary(method => method.FullName, method => Uses(method).ToArray());
        var dangerous = new HashSet<string>();
        while (uses.Where(use => !dangerous.Contains(use.Key) && use.Value.Any(name => dangerous.Contains(name) || MakesNumber(name))).Select(use => use.Key).ToArray() is { Length: > 0 } more)
            dangerous.UnionWith(more);
        var creators = Types(torchSharp.MainModule.Types)
            .Where(type => Bases(type).SelectMany(above => above.Methods).Any(method => method.Name is "forward" or "step" && dangerous.Contains(method.FullName)))
            .SelectMany(type => type.Methods.Where(method => method.IsConstructor).Select(method => method.FullName)).ToHashSet();
        dangerous.UnionWith(uses.Keys.Where(creators.Contains).Concat(Methods(torchSharp).Where(method => Created(method).Any(creators.Contains)).Select(method => method.FullName)));
        return dangerous;
    }

    private static bool MakesNumber(string method) =>
        method.Contains("TorchSharp.Scalar::op_Implicit", StringComparison.Ordinal) || method.Contains("TorchSharp.ScalarExtensionMethods::", StringComparison.Ordinal);

    private static IEnumerable<MethodDefinition> Methods(AssemblyDefinition assembly) => Types(assembly.MainModule.Types).SelectMany(type => type.Methods).Where(method => method.HasBody);

    private static IEnumerable<TypeDefinition> Types(IEnumerable<TypeDefinition> types) => types.SelectMany(type => Types(type.NestedTypes).Prepend(type));

    private static IEnumerable<TypeDefinition> Bases(TypeDefinition type)
    {
        for (var at = type; at is not null; at = at.BaseType as TypeDefinition) yield return at;
    }

    /// <summary>What a method calls; a constructor's call of its base's does not count, which is no creation.</summary>
    private static IEnumerable<string> Uses(MethodDefinition method) => method.Body.Instructions
        .Where(instruction => !(method.IsConstructor && instruction.OpCode == OpCodes.Call && instruction.Operand is MethodReference { Name: ".ctor" }))
        .Select(instruction => instruction.Operand).OfType<MethodReference>().Select(called => called.GetElementMethod().FullName);

    private static IEnumerable<string> Created(MethodDefinition method) => method.Body.Instructions
        .Where(instruction => instruction.OpCode == OpCodes.Newobj).Select(instruction => instruction.Operand).OfType<MethodReference>().Select(called => called.FullName);
}
