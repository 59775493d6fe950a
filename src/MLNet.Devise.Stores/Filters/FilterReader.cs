using System.Collections.Frozen;
using System.Linq.Expressions;

namespace MLNet.Devise.Stores.Filters;

/// <summary>Makes a <see cref="RecordFilter"/> of a lambda over one record.</summary>
internal sealed class FilterReader(ParameterExpression record)
{
    public RecordFilter Read(Expression condition) => condition switch
    {
        BinaryExpression { NodeType: ExpressionType.AndAlso } both => new Both(Read(both.Left), Read(both.Right)),
        BinaryExpression { NodeType: ExpressionType.OrElse } either => new Either(Read(either.Left), Read(either.Right)),
        UnaryExpression { NodeType: ExpressionType.Not } not => new Not(Read(not.Operand)),
        BinaryExpression { NodeType: ExpressionType.Equal } same => Equality(same),
        BinaryExpression { NodeType: ExpressionType.NotEqual } other => new Not(Equality(other)),
        MethodCallExpression { Method.Name: nameof(string.StartsWith), Object: { } field } starts when FieldOf(field) is { } name && Ordinal(starts) => new Begins(name, Text(starts.Arguments[0]) ?? ""),
        MethodCallExpression { Method.Name: "Contains" } among => Containment(among),
        _ => throw Unknown(condition),
    };

    private OneOf Equality(BinaryExpression same) =>
        FieldOf(same.Left) is { } left ? new(left, [Text(same.Right)]) : FieldOf(same.Right) is { } right ? new(right, [Text(same.Left)]) : throw Unknown(same);

    // list.Contains(r.Label), Enumerable.Contains(list, r.Label) and, for arrays in C# 14, MemoryExtensions.Contains(span of list, r.Label).
    private OneOf Containment(MethodCallExpression call)
    {
        var (list, item) = call.Object is { } instance ? (instance, call.Arguments[0]) : (call.Arguments[0], call.Arguments[1]);
        if (list is MethodCallExpression { Method.Name: "op_Implicit" } span) list = span.Arguments[0];
        if (FieldOf(item) is not { } field || Value(list) is not IEnumerable<string?> values || call.Object?.Type == typeof(string)) throw Unknown(call);
        var comparers = call.Arguments.Skip(call.Object is null ? 2 : 1).Select(Value);
        return comparers.All(IsOrdinal) && Compares(values) ? new(field, [.. values]) : throw Unknown(call);
    }

    private static bool IsOrdinal(object? comparer) => comparer is null || comparer.Equals(StringComparer.Ordinal) || comparer.Equals(EqualityComparer<string>.Default);

    // Sets compare in ways of their own, stores compare byte by byte.
    private static bool Compares(IEnumerable<string?> values) => values switch
    {
        HashSet<string?> set => IsOrdinal(set.Comparer),
        FrozenSet<string?> set => IsOrdinal(set.Comparer),
        ISet<string?> or IReadOnlySet<string?> => false,
        _ => true,
    };

    private RecordField? FieldOf(Expression expression) => expression is MemberExpression member && member.Expression == record && Enum.TryParse<RecordField>(member.Member.Name, out var field) ? field : null;

    private string? Text(Expression expression) => Value(expression) switch
    {
        null => null,
        string text => text,
        _ => throw Unknown(expression),
    };

    private object? Value(Expression expression)
    {
        if (expression is ConstantExpression constant) return constant.Value;
        if (new RecordFinder(record).Finds(expression)) throw Unknown(expression);
        return Expression.Lambda<Func<object?>>(Expression.Convert(expression, typeof(object))).Compile(preferInterpretation: true)();
    }

    private bool Ordinal(MethodCallExpression call) => call.Arguments.Count == 1 || call.Arguments.Count == 2 && Value(call.Arguments[1]) is StringComparison.Ordinal;

    private static DeviseInputException Unknown(Expression condition) =>
        new($"filter: '{condition}', expected Path or Label with ==, !=, StartsWith (ordinal) or Contains of a list or hash set (ordinal), joined by &&, || and !");

    private sealed class RecordFinder(ParameterExpression record) : ExpressionVisitor
    {
        private bool _found;

        public bool Finds(Expression expression)
        {
            Visit(expression);
            return _found;
        }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            _found |= node == record;
            return node;
        }
    }
}
