using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Devise.Scoring.Rows;

namespace MLNet.Devise.Tests.Scoring;

public sealed class RowWorkTests
{
    [Fact]
    public void A_row_is_computed_once_whichever_getters_ask_and_not_before()
    {
        var row = new Row { At = 0 };
        using var work = new Counting(row);
        var (a, b) = ((ValueGetter<int>)work.Getter(0), (ValueGetter<int>)work.Getter(1));
        Assert.Equal(0, work.Count);
        var value = 0;
        a(ref value);
        b(ref value);
        a(ref value);
        Assert.Equal(1, work.Count);
        row.At = 1;
        b(ref value);
        a(ref value);
        Assert.Equal(2, work.Count);
    }

    [Fact]
    public void A_row_whose_computation_failed_is_computed_again()
    {
        var row = new Row { At = 0 };
        using var work = new Counting(row) { Fails = true };
        var getter = (ValueGetter<int>)work.Getter(0);
        var value = 0;
        Assert.Throws<IOException>(() => getter(ref value));
        work.Fails = false;
        getter(ref value);
        Assert.Equal(2, value);
    }

    private sealed class Counting(DataViewRow input) : RowWork(input)
    {
        public int Count { get; private set; }

        public bool Fails { get; set; }

        public override Delegate Getter(int output) => (ValueGetter<int>)((ref int value) =>
        {
            Refresh();
            value = Count;
        });

        protected override void Compute()
        {
            Count++;
            if (Fails) throw new IOException("no such luck");
        }
    }

    private sealed class Row : DataViewRow
    {
        public long At { get; set; }

        public override long Position => At;
        public override long Batch => 0;
        public override DataViewSchema Schema { get; } = new DataViewSchema.Builder().ToSchema();
        public override ValueGetter<DataViewRowId> GetIdGetter() => throw new NotSupportedException();
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => throw new NotSupportedException();
        public override bool IsColumnActive(DataViewSchema.Column column) => false;
    }
}
